import Glibc
import Posix
import RefoldCLI

exit(Program.main(Array(CommandLine.arguments.dropFirst()), environment: Environment.all()))
