package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"
)

// endsFile has, in JSON, the last sequence of each stream at some earlier moment. A block
// that is cut off between two records, emptied or removed is whole to verify; the note
// says what it had.
const endsFile = "ENDS"

// ends has the last sequence of each stream.
type ends map[string]uint64

// readEnds gives what was noted in a folder; nil: nothing was.
func readEnds(folder string) (ends, error) {
	name := filepath.Join(folder, endsFile)
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var noted ends
	if err := json.Unmarshal(text, &noted); err != nil {
		return nil, fmt.Errorf("%s cannot be read (%w); restore it from a copy, or take it away: the journal then starts with the messages that it has", name, err)
	}
	return noted, nil
}

// compare says which stream ends before the message that was noted of it.
func (noted ends) compare(folder string, found ends) error {
	for _, c := range Layout(0) {
		if found[c.Name] < noted[c.Name] {
			return fmt.Errorf("%s ends with message %d, and has had message %d: a block of it was cut off, emptied or removed; nothing was changed. Restore the folder from a copy, or take the file %s away: the relay then starts with what is there, and what is missing is not sent",
				c.Name, found[c.Name], noted[c.Name], filepath.Join(folder, endsFile))
		}
	}
	return nil
}

// write replaces the note of a folder. What it says must be on disk.
func (noted ends) write(folder string) error {
	text, err := json.Marshal(noted)
	if err != nil {
		return err
	}
	return Replace(filepath.Join(folder, endsFile), append(text, '\n'))
}

// Replace writes a small file in the place of an earlier one: whoever reads it finds the
// one or the other whole, after a crash too.
func Replace(name string, data []byte) error {
	file, err := os.OpenFile(name+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}

// noteEvery is how often a journal notes where its streams end.
const noteEvery = 10 * time.Second

// note keeps the note of a folder, now and then, and at the end.
func (s *jetStreams) note(noted ends) {
	tick := time.NewTicker(noteEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			noted = s.noteEnds(noted)
		case <-s.done.Done():
			s.noteEnds(noted)
			return
		}
	}
}

// noteEnds notes where the streams end, unless that is what was noted before, and gives
// the note. A stream tells of messages that are synced, so the note is never ahead of
// the disk.
func (s *jetStreams) noteEnds(before ends) ends {
	now, err := s.ends()
	if err == nil && !maps.Equal(now, before) {
		err = now.write(s.data.path)
	}
	if err != nil {
		s.log.Warn("the journal cannot note where its streams end", "error", err)
		return before
	}
	return now
}

// ends asks where the streams end.
func (s *jetStreams) ends() (ends, error) {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	all := make(ends)
	for name := range s.streams {
		st, err := s.State(ctx, name)
		if err != nil {
			return nil, err
		}
		all[name] = st.LastSequence
	}
	return all, nil
}
