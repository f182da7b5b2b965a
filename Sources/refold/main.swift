import RefoldCLI

Program.start()
