"""tools/install-dependencies, with stand-ins for every program that it calls."""

import pathlib
import subprocess
import tempfile
import unittest

from support import TOOLS

SWIFT = "echo 'Swift version 6.3.1 (swift-6.3.1-RELEASE)'"
# Fails for libcurl until the stand-in for apt-get has "installed" it.
PKG_CONFIG = 'case $2 in libcurl) test -e "$STATE/installed" ;; esac'
APT_GET = (
    'echo "apt-get $*" >> "$STATE/log"\n'
    'case $1 in update) touch "$STATE/updated" ;;\n'
    'install) if test -e "$STATE/stale" && ! test -e "$STATE/updated"; then exit 100; fi; touch "$STATE/installed" ;; esac'
)
PROGRAMS = {
    "swift": SWIFT,
    "pkg-config": PKG_CONFIG,
    "apt-get": APT_GET,
    "apt-cache": "exit 0",
    "id": "echo 0",
    "sudo": 'echo "sudo" >> "$STATE/log"; exec "$@"',
}
INSTALL = "apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends libcurl4-openssl-dev"


class InstallDependencies(unittest.TestCase):
    def run_with(self, programs, stale=False, installed=False):
        """Returns the finished process, and the lines that apt-get and sudo logged."""
        with tempfile.TemporaryDirectory() as folder:
            state = pathlib.Path(folder)
            for name in ("sed", "head", "env", "sh", "touch", "echo"):
                real = subprocess.run(["which", name], capture_output=True, text=True, check=True).stdout.strip()
                (state / name).symlink_to(real)
            for name, body in programs.items():
                (state / name).write_text(f"#!/bin/sh\n{body}\n")
                (state / name).chmod(0o755)
            for mark, present in (("stale", stale), ("installed", installed)):
                if present:
                    (state / mark).touch()
            done = subprocess.run(
                ["/bin/sh", str(TOOLS / "install-dependencies")],
                env={"PATH": folder, "STATE": folder},
                capture_output=True,
                text=True,
                check=False,
            )
            log = state / "log"
            return done, log.read_text().splitlines() if log.exists() else []

    def without(self, *names):
        return {name: body for name, body in PROGRAMS.items() if name not in names}

    def test_nothing_is_missing(self):
        done, log = self.run_with(PROGRAMS, installed=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr, log), (0, "", "", []))

    def test_what_is_missing_is_named_and_installed(self):
        done, log = self.run_with(PROGRAMS)
        self.assertEqual(done.stderr, "refold: installing system packages: libcurl4-openssl-dev\n")
        self.assertEqual((done.returncode, log), (0, [INSTALL]))

    def test_stale_package_lists_are_fetched_once(self):
        done, log = self.run_with(PROGRAMS, stale=True)
        self.assertEqual((done.returncode, log), (0, [INSTALL, "apt-get update -qq", INSTALL]))

    def test_unknown_packages_fetch_the_lists_first(self):
        done, log = self.run_with({**PROGRAMS, "apt-cache": "exit 100"})
        self.assertEqual((done.returncode, log), (0, ["apt-get update -qq", INSTALL]))

    def test_sudo_is_used_when_not_root(self):
        done, log = self.run_with({**PROGRAMS, "id": "echo 1000"})
        self.assertEqual((done.returncode, log), (0, ["sudo", INSTALL]))

    def test_not_root_and_no_sudo(self):
        done, log = self.run_with({**self.without("sudo"), "id": "echo 1000"})
        self.assertEqual(
            done.stderr,
            "refold: system packages are missing, and installing them takes root or sudo\n"
            "  fix: run as root: apt-get install libcurl4-openssl-dev\n",
        )
        self.assertEqual((done.returncode, log), (1, []))

    def test_no_apt_get(self):
        done, _ = self.run_with(self.without("apt-get"))
        self.assertEqual(
            done.stderr,
            "refold: system packages are missing, and this system has no apt-get\n"
            "  fix: install what Debian calls libcurl4-openssl-dev\n",
        )
        self.assertEqual(done.returncode, 1)

    def test_no_swift(self):
        done, _ = self.run_with(self.without("swift"), installed=True)
        self.assertEqual(
            done.stderr,
            "refold: the Swift toolchain is not installed\n"
            "  fix: install Swift 6.2 or later from https://www.swift.org/install and put 'swift' on the PATH\n",
        )
        self.assertEqual(done.returncode, 1)

    def test_old_swift(self):
        done, _ = self.run_with({**PROGRAMS, "swift": "echo 'Swift version 6.1 (x)'"}, installed=True)
        self.assertEqual(
            done.stderr,
            "refold: Swift 6.1 is too old: 6.2 or later is needed\n"
            "  fix: install a newer toolchain from https://www.swift.org/install\n",
        )
        self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    unittest.main()
