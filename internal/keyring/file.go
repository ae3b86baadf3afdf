package keyring

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// maxFile bounds what is read, in bytes; a hundred generations are below 32 KiB.
const maxFile = 1 << 20

// Open reads a keyring file. It refuses one that others than its owner may read or write: keys that were open to all are no
// longer secret. A nil random stands for the system's source, as in [New].
func Open(path string, random io.Reader) (*Keyring, error) {
	data, err := readPrivate(path)
	if err != nil {
		return nil, fmt.Errorf("keyring: open: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var c content
	if err := decoder.Decode(&c); err != nil {
		// The decoder's own words could quote a key.
		return nil, fmt.Errorf("keyring: open %s: it is not a keyring, or damaged; restore it from its backup", path)
	}
	k, err := load(c, orSystem(random))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return k, nil
}

func readPrivate(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%s may be read by others (mode %04o); run: chmod 600 %s, and rotate its keys if others had access", path, mode, path)
	}
	return io.ReadAll(io.LimitReader(f, maxFile))
}

// Create makes a keyring with fresh keys and writes it to path, which must not exist (fs.ErrExist).
func Create(path string, random io.Reader) (*Keyring, error) {
	k, err := New(random)
	if err == nil {
		k, err = k.RotateTokens()
	}
	if err != nil {
		return nil, err
	}
	// A link, unlike a rename, fails where the path is taken: keys in use are never overwritten, and of two processes that
	// start at once only one makes the keyring.
	if err := k.write(path, os.Link); err != nil {
		return nil, fmt.Errorf("keyring: create: %w", err)
	}
	return k, nil
}

// LoadOrCreate opens the keyring at path, or creates it where there is none.
func LoadOrCreate(path string, random io.Reader) (*Keyring, error) {
	k, err := Open(path, random)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	k, err = Create(path, random)
	if errors.Is(err, fs.ErrExist) {
		return Open(path, random)
	}
	return k, err
}

// Save writes the keyring over path, for its owner alone. At every moment the file is whole, the old one or the new.
func (k *Keyring) Save(path string) error {
	if err := k.write(path, os.Rename); err != nil {
		return fmt.Errorf("keyring: save: %w", err)
	}
	return nil
}

// write makes the file under another name, durable, and then puts it in its place.
func (k *Keyring) write(path string, place func(from, to string) error) error {
	data, err := json.MarshalIndent(k.ring().content, "", "  ")
	if err != nil {
		return err
	}
	folder := filepath.Dir(path)
	f, err := os.CreateTemp(folder, ".keyring-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(data, '\n'))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := place(f.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

// syncFolder makes the file's name as durable as its content.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
