import LuaSyntax
