//go:build !nocommands

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/piston/openstack-bosh-cpi/src/bosh"
	"github.com/piston/openstack-bosh-cpi/src/exchange"
)

const callDetails = `METHOD is a method of the CPI API. Each ARG is a JSON value, or else a string;
'"5"' is a string and 5 a number. @FILE stands for the JSON value in a file.
The result is printed as JSON, indented on a terminal. Exit code 1: the method
failed, and its error is on stderr.

Created objects are marked with the director's UUID of -director, "` + byHand + `" by
default, so that openstack_cpi orphans -director ` + byHand + ` finds them.

-dry-run sends reads and prints writes in the place of sending them. What a
write would return is made up: a created object gets an id that begins with
00000000-0000-4000-8000 and its final state. The first read whose response
depends on a write in another way, such as the state of a server after an
action, ends the dry run, because its response cannot be known. So the printed
writes are complete for methods that create or delete, and else end with such a
read. A write that the cloud would refuse (quota, capacity, policy) is not
noticed, and neither are the decisions of the CPI after a refusal.`

// byHand is the UUID of the director in calls that a person makes.
const byHand = "by-hand"

// callCommand calls one method for a person.
type callCommand struct {
	streams

	// transport replaces the network in tests.
	transport http.RoundTripper
	// resultOnTerminal and messagesOnTerminal are whether a person reads them.
	resultOnTerminal, messagesOnTerminal bool

	configFile, caCertFile string
	director, requestID    string
	apiVersion             int
	context                string
	dryRun, trace          bool
}

func newCallCommand(s streams) *callCommand {
	return &callCommand{streams: s, resultOnTerminal: isTerminal(s.out), messagesOnTerminal: isTerminal(s.logs)}
}

func (c *callCommand) options(flags *flag.FlagSet) {
	configOptions(flags, &c.configFile, &c.caCertFile)
	flags.BoolVar(&c.dryRun, "dry-run", false, "print the writes in the place of sending them")
	flags.BoolVar(&c.trace, "trace", false, "print all requests and responses, without secrets")
	flags.StringVar(&c.director, "director", byHand, "the `UUID` of the director that owns what is created")
	flags.StringVar(&c.requestID, "request-id", "", "the `ID` of the call, from which the global request id is derived;\nby default, that one is random")
	flags.IntVar(&c.apiVersion, "api-version", bosh.NewestAPIVersion, "the `VERSION` of the CPI API")
	flags.StringVar(&c.context, "context", "{}", "more members of the request's context as a JSON `OBJECT` or @FILE, such as\nthe properties of a CPI config")
}

// run calls the method and prints its result.
func (c *callCommand) run(ctx context.Context, args []string) (int, error) {
	request, err := c.request(args)
	if err != nil {
		return 0, err
	}
	status := newProgress(c.logs, args[0], c.messagesOnTerminal && !c.trace)
	defer status.stop()
	served := &call{configFile: c.configFile, caCertFile: c.caCertFile, transport: c.transport}
	if c.messagesOnTerminal {
		served.logLevel = "warn"
	}
	end := make(chan *exchange.UnknownError, 1)
	served.intercept = func(next http.RoundTripper) http.RoundTripper {
		if c.dryRun {
			next = exchange.NewDryRun(next, served.level.Mask,
				func(write exchange.Write) { status.pause(func() { c.printWrite(write) }) },
				func(unknown *exchange.UnknownError) { end <- unknown })
		}
		if c.trace {
			next = exchange.NewTrace(next, status, served.level.Mask)
		}
		return status.observe(next)
	}
	var response bytes.Buffer
	finished := make(chan int, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { finished <- served.serve(ctx, bytes.NewReader(request), &response, status) }()
	select {
	case unknown := <-end:
		// Nothing was written, so the call can be abandoned.
		status.mute()
		return 0, c.printEnd(unknown)
	case code := <-finished:
		if code != 0 {
			return code, errors.New("the method could not be called")
		}
	}
	status.stop()
	err = c.printResponse(response.Bytes())
	if _, failed := errors.AsType[*methodError](err); err != nil && !failed {
		served.undo(ctx)
	}
	return 0, err
}

// request returns the request for the arguments of the command.
func (c *callCommand) request(args []string) ([]byte, error) {
	switch {
	case len(args) == 0:
		return nil, misuse("METHOD is missing")
	case !slices.Contains(methodNames(), args[0]):
		return nil, misuse("unknown method %q; methods: %s", args[0], strings.Join(methodNames(), ", "))
	case c.configFile == "":
		return nil, misuse("-config is missing")
	}
	about := map[string]json.RawMessage{}
	raw, err := argument(c.context)
	if err != nil {
		return nil, err
	}
	if json.Unmarshal(raw, &about) != nil || about == nil {
		return nil, misuse("-context is not a JSON object")
	}
	own := map[string]any{"director_uuid": c.director, "vm": map[string]any{"stemcell": map[string]any{"api_version": bosh.NewestAPIVersion}}}
	if c.requestID != "" {
		own["request_id"] = c.requestID
	}
	for key, value := range own {
		if _, given := about[key]; given {
			continue
		}
		if about[key], err = json.Marshal(value); err != nil {
			return nil, err
		}
	}
	arguments := []json.RawMessage{}
	for _, word := range args[1:] {
		value, err := argument(word)
		if err != nil {
			return nil, err
		}
		arguments = append(arguments, value)
	}
	return json.Marshal(map[string]any{"method": args[0], "arguments": arguments, "context": about, "api_version": c.apiVersion})
}

// argument returns the JSON value of a word of the command line.
func argument(word string) (json.RawMessage, error) {
	if name, isFile := strings.CutPrefix(word, "@"); isFile {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, misuse("%s", err)
		}
		if !json.Valid(content) {
			return nil, misuse("%s is not JSON", name)
		}
		return content, nil
	}
	if json.Valid([]byte(word)) {
		return json.RawMessage(word), nil
	}
	return json.Marshal(word)
}

// methodNames returns the methods of the CPI API.
func methodNames() []string { return slices.Sorted(maps.Keys((&call{}).table())) }

// methodError is the error of the method.
type methodError struct {
	Type      string `json:"type"`
	Message   string `json:"message"`
	OKToRetry bool   `json:"ok_to_retry"`
}

// Error implements error.
func (e *methodError) Error() string {
	text := strings.TrimPrefix(e.Type, "Bosh::Clouds::") + ": " + e.Message
	if e.OKToRetry {
		text += " (a director would repeat the call)"
	}
	return text
}

// printResponse prints the result of the method, or returns its error.
func (c *callCommand) printResponse(response []byte) error {
	var document struct {
		Result json.RawMessage `json:"result"`
		Error  *methodError    `json:"error"`
	}
	if err := json.Unmarshal(response, &document); err != nil {
		return fmt.Errorf("read the response: %w", err)
	}
	if document.Error != nil {
		return document.Error
	}
	if !c.dryRun {
		return c.printJSON(document.Result)
	}
	if c.resultOnTerminal {
		_, err := fmt.Fprintf(c.out, "The method would return %s\n", document.Result)
		return err
	}
	return c.printJSON(map[string]any{"returns": document.Result})
}

// printWrite prints a request that the dry run does not send.
func (c *callCommand) printWrite(write exchange.Write) {
	if !c.resultOnTerminal {
		c.printJSON(write) //nolint:errcheck // the end of the dry run is printed to the same stream
		return
	}
	fmt.Fprintf(c.out, "%s %s\n", write.Method, write.URL) //nolint:errcheck // as above
	switch {
	case write.Stream:
		fmt.Fprintln(c.out, "  (a stream)") //nolint:errcheck // as above
	case write.Body != nil:
		c.printJSON(write.Body) //nolint:errcheck // as above
	}
	if write.Creates != "" {
		fmt.Fprintf(c.out, "  creates %s\n", write.Creates) //nolint:errcheck // as above
	}
	fmt.Fprintln(c.out) //nolint:errcheck // as above
}

// printEnd prints why the dry run ends.
func (c *callCommand) printEnd(end *exchange.UnknownError) error {
	if !c.resultOnTerminal {
		return c.printJSON(map[string]any{"ends_before": map[string]any{"method": end.Method, "url": end.URL}})
	}
	_, err := fmt.Fprintf(c.out, "The dry run ends here: %s. What the method does then depends on it.\n", end)
	return err
}

// printJSON prints a value, indented on a terminal.
func (c *callCommand) printJSON(value any) error {
	encoder := json.NewEncoder(c.out)
	encoder.SetEscapeHTML(false)
	if c.resultOnTerminal {
		encoder.SetIndent("", "  ")
	}
	return encoder.Encode(value)
}
