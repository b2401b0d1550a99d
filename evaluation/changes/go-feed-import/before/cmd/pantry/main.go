package main

import (
	"fmt"
	"os"
)

var commands = map[string]func(args []string) error{
	"version": version,
}

func version([]string) error {
	fmt.Println("pantry 2.4")
	return nil
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: pantry COMMAND [ARGUMENTS]")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "pantry:", err)
		os.Exit(1)
	}
}
