package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"

	"example.org/pantry/internal/feed"
	"example.org/pantry/internal/prices"
)

var commands = map[string]func(args []string) error{
	"import-prices": importPrices,
	"version":       version,
}

// importPrices takes the address of the feed and the file to write; the key is
// in the environment.
func importPrices(args []string) error {
	if len(args) != 2 {
		return errors.New("import-prices takes the address of the feed and the file of the prices")
	}
	base, err := url.Parse(args[0])
	if err != nil {
		return err
	}
	all, err := feed.New(base, os.Getenv("PANTRY_FEED_KEY")).All(context.Background())
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return errors.New("the feed is empty, the old prices stay")
	}
	if err := prices.NewStore(args[1]).Replace(all); err != nil {
		return err
	}
	fmt.Printf("%d prices imported\n", len(all))
	return nil
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
