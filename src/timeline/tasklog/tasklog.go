// Package tasklog reads the lines about CPI calls out of the logs that BOSH
// keeps: bosh task N --cpi, bosh task N --debug, the debug output of bosh
// create-env, or the stderr of the CPI. Everything else in them is skipped, and
// so is what is damaged.
package tasklog

import (
	"bufio"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// Kind is the kind of a line.
type Kind int

// The kinds of lines.
const (
	CPI      Kind = iota // a line of the CPI's log
	Director             // any other line of the director's debug log
	Request              // the director starts a CPI
	Response             // the CPI has answered
)

// Line is one line of a log.
type Line struct {
	Kind Kind
	// Time is when it was written: of the CPI to the second, of the director to
	// the microsecond. Both have the time zone of the machine, and none is
	// written down; it is read as UTC.
	Time time.Time
	// RequestID is the director's id of the call, "" in other programs.
	RequestID string
	// Level and Message are those of the CPI. The message has no attributes.
	Level, Message string
	Attrs          map[string]string
	// Thread is the name of the director's thread: what it is doing.
	Thread string
	// Document is the JSON of a request or a response. The director redacts the
	// request. It can be cut.
	Document string
}

// maxLine limits the part of a line that is read, in bytes. The director writes
// requests and responses into one line.
const maxLine = 1 << 20

// Read calls each for every line that it understands, in order. It fails only if
// in does.
func Read(in io.Reader, each func(Line)) error {
	reader := bufio.NewReaderSize(in, 64<<10)
	for {
		text, err := readLine(reader)
		if line, understood := parse(text); understood {
			each(line)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// readLine reads a line and cuts it to maxLine.
func readLine(reader *bufio.Reader) (string, error) {
	var line strings.Builder
	for {
		part, err := reader.ReadSlice('\n')
		if line.Len() < maxLine {
			line.Write(part)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return printable(strings.TrimRight(line.String(), "\r\n")), err
		}
	}
}

// printable replaces what is not text.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && !unicode.IsPrint(r) {
			return utf8.RuneError
		}
		return r
	}, text)
}

var (
	// cpiLine matches a line of the CPI, also after a text of another program in
	// the same line.
	cpiLine = pattern(`\[openstack_cpi\] (\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) (DEBUG|INFO|WARN|ERROR) - (?:\[req_id ("(?:[^"\\]|\\.)*"|[^\]]*)\] )?(.*)$`) //nolint:gochecknoglobals // compiled once
	// directorLine matches a line of the director, and of its tagged loggers.
	directorLine = pattern(`^[A-Z], \[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}) #\d+\] \[([^\]]*)\] +[A-Z]+ -- [^:]*: (.*)$`) //nolint:gochecknoglobals // compiled once
	externalCPI  = pattern(`^\[external-cpi\] ?\[([^\]]*)\] (request|response): (.*)$`)                                       //nolint:gochecknoglobals // compiled once
	attribute    = pattern(` ([A-Za-z0-9_.-]+)=`)                                                                             //nolint:gochecknoglobals // compiled once
)

// pattern returns a function that compiles the expression when it is first called:
// every CPI call would compile it otherwise.
func pattern(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// parse reads one line.
func parse(text string) (Line, bool) {
	if found := directorLine().FindStringSubmatch(text); found != nil {
		at, err := time.Parse("2006-01-02T15:04:05.999999999", found[1])
		if err != nil {
			return Line{}, false
		}
		line := Line{Kind: Director, Time: at, Thread: found[2]}
		if call := externalCPI().FindStringSubmatch(found[3]); call != nil {
			line.RequestID, line.Kind = call[1], map[string]Kind{"request": Request, "response": Response}[call[2]]
			line.Document = strings.TrimSpace(firstDocument(call[3]))
		}
		return line, true
	}
	if found := cpiLine().FindStringSubmatch(text); found != nil {
		at, err := time.Parse("2006/01/02 15:04:05", found[1])
		if err != nil {
			return Line{}, false
		}
		line := Line{Kind: CPI, Time: at, Level: found[2], RequestID: unquoted(found[3])}
		line.Message, line.Attrs = attributes(found[4])
		return line, true
	}
	return Line{}, false
}

// firstDocument returns the text up to where the director adds to the document.
func firstDocument(text string) string {
	for _, end := range []string{" with command: ", ", err: "} {
		if i := strings.LastIndex(text, end); i >= 0 {
			text = text[:i]
		}
	}
	return text
}

// attributes splits the text of a line into its message and its attributes.
func attributes(text string) (message string, attrs map[string]string) {
	attrs = map[string]string{}
	place := attribute().FindStringSubmatchIndex(text)
	if place == nil {
		return text, attrs
	}
	message = text[:place[0]]
	for place != nil {
		key, rest := text[place[2]:place[3]], text[place[1]:]
		value, err := strconv.QuotedPrefix(rest)
		if err != nil {
			value, _, _ = strings.Cut(rest, " ")
		}
		attrs[key], text = unquoted(value), rest[len(value):]
		place = attribute().FindStringSubmatchIndex(text)
	}
	return message, attrs
}

func unquoted(text string) string {
	if plain, err := strconv.Unquote(text); err == nil {
		return plain
	}
	return text
}
