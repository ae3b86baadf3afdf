package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// spent is the processor time that this process and the backends of our own databases on this machine have used so far, in
// steps of 10 ms. On a machine that is busy with others it says more than the clock on the wall. 0 where the system does not
// tell (Linux does) and, for the database's part, where it is another machine's.
func spent() time.Duration {
	total, _ := ticks("/proc/self/stat")
	titles, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return total
	}
	for _, title := range titles {
		text, err := os.ReadFile(title)
		if err != nil || !bytes.HasPrefix(text, []byte("postgres: ")) || !bytes.Contains(text, []byte(" "+benchDatabase)) {
			continue // ended meanwhile, or none of ours
		}
		if t, err := ticks(filepath.Join(filepath.Dir(title), "stat")); err == nil {
			total += t
		}
	}
	return total
}

// ticks reads a process's user and system time (proc(5), fields 14 and 15; Linux counts in hundredths for everybody).
func ticks(stat string) (time.Duration, error) {
	text, err := os.ReadFile(stat)
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(text), ") ") // the name before it may hold anything but this
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0, fmt.Errorf("%s has only %d fields", stat, len(fields))
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond, err
}
