"""What the checks share: reading Swift sources, and telling code from comments and strings."""

import argparse
import pathlib
import re
import sys

# The opening of a literal of several lines.
MULTILINE = re.compile(r'"""[ \t]*$', re.MULTILINE)


class Finding(Exception):
    """One broken rule, printed as `path:line: message`."""

    def __init__(self, path, line, message):
        super().__init__(f"{path}:{line}: {message}")


def code_only(text):
    """Returns `text` with comments and string contents replaced by spaces; lines stay where they are.

    What stands inside an interpolation is code and is kept. Raw identifiers (`like this`) are blanked too.
    """
    out = list(text)
    end = len(text)

    def blank(start, stop):
        for index in range(start, min(stop, end)):
            if out[index] != "\n":
                out[index] = " "

    def comment(start):
        """Returns where the block comment at `start` ends; Swift's may nest."""
        depth, at = 0, start
        while at < end:
            pair = text[at : at + 2]
            if pair == "/*":
                depth, at = depth + 1, at + 2
            elif pair == "*/":
                depth, at = depth - 1, at + 2
                if depth == 0:
                    return at
            else:
                at += 1
        return end

    def string(start, pounds):
        """Blanks the literal whose quote is at `start`; returns where it ends."""
        # Three quotes open a literal of several lines only at the end of a line: #""""# is two quotes.
        quote = '"""' if MULTILINE.match(text, start) else '"'
        close, escape = quote + "#" * pounds, "\\" + "#" * pounds
        at = blank_from = start + len(quote)
        while at < end:
            if text.startswith(close, at):
                blank(blank_from, at)
                return at + len(close)
            if text.startswith(escape + "(", at):
                blank(blank_from, at)
                at = blank_from = code(at + len(escape) + 1, until=")")
            elif text.startswith(escape, at):
                at += len(escape) + 1
            elif text[at] == "\n" and quote == '"':
                break
            else:
                at += 1
        blank(blank_from, at)
        return at

    def code(at, until=None):
        """Walks code from `at` to the end, or past the bracket that closes an interpolation."""
        depth = 0
        while at < end:
            character = text[at]
            if text.startswith("//", at):
                stop = text.find("\n", at)
                stop = end if stop < 0 else stop
                blank(at, stop)
                at = stop
            elif text.startswith("/*", at):
                stop = comment(at)
                blank(at, stop)
                at = stop
            elif character == "#":
                pounds = 1
                while text.startswith("#", at + pounds):
                    pounds += 1
                at += pounds
                if text.startswith('"', at):
                    at = string(at, pounds)
            elif character == '"':
                at = string(at, 0)
            elif character == "`":
                stop = text.find("`", at + 1)
                newline = text.find("\n", at + 1)
                if stop < 0 or -1 < newline < stop:
                    at += 1
                else:
                    blank(at + 1, stop)
                    at = stop + 1
            else:
                if until and character in "()":
                    if character == ")" and depth == 0:
                        return at + 1
                    depth += 1 if character == "(" else -1
                at += 1
        return at

    code(0)
    return "".join(out)


def files(root, folders, extensions):
    """Returns the files under the given folders, sorted, without what is hidden."""
    found = []
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
            if path.is_file() and not hidden and path.suffix.lstrip(".") in extensions:
                found.append(path)
    return found


def run(tool, description, check):
    """The main function of a check: prints what `check(root)` finds and exits 1 when there is any."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--root", type=pathlib.Path, help="another package folder")
    root = parser.parse_args().root or pathlib.Path(__file__).resolve().parent.parent
    findings = list(check(root.resolve()))
    for finding in findings:
        print(finding, file=sys.stderr)
    if findings:
        count = len(findings)
        sys.exit(f"{tool}: {count} {'finding' if count == 1 else 'findings'}")
