import RefoldCLI
