// Package cache keeps what one process learned from a cloud for the next
// processes: small values in files that only the user of the process can read.
//
// The files are in one directory of mode 0700 that belongs to the user. They are
// encrypted with a key that is derived from the secret of the credential, and
// their names with the identity of the credential. So a copy of the directory is
// useless without the secret, another credential finds nothing, and a file that
// is damaged or incomplete is not decrypted and counts as absent.
//
// A cache is never a reason to fail: what cannot be read is absent, and what
// cannot be written is lost.
package cache

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// format is part of the key, so that another version of the program does not
	// read values that it does not understand.
	format = "openstack_cpi cache, format 1"
	// maxSize limits a file. The catalog of a large cloud has some 100 kB.
	maxSize = 4 << 20
	// maxAge is the age at which a file of any credential is removed.
	maxAge = 24 * time.Hour
)

// Cache is the part of a directory that belongs to one credential. A nil Cache
// is empty and stores nothing. It may be used concurrently.
type Cache struct {
	dir    string
	prefix string
	seal   cipher.AEAD
	// opened is the directory after the first use.
	opened func() (*os.Root, error)
}

// New returns the cache of a credential in a directory, which is created when it
// is first needed. identity is everything that distinguishes the credential
// except its secret.
func New(dir string, identity, secret []byte) (*Cache, error) {
	name := sha256.Sum256(identity)
	key, err := hkdf.Key(sha256.New, secret, name[:], format, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	seal, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	c := &Cache{dir: dir, prefix: filePrefix + hex.EncodeToString(name[:16]), seal: seal}
	c.opened = sync.OnceValues(c.open)
	return c, nil
}

// open creates the directory if it does not exist and opens it. A directory that
// other users can read, or that another user could replace by a link, is not
// used.
func (c *Cache) open() (*os.Root, error) {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return nil, err
	}
	named, err := os.Lstat(c.dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(c.dir)
	if err != nil {
		return nil, err
	}
	opened, err := root.Stat(".")
	if err == nil && !os.SameFile(named, opened) {
		err = fmt.Errorf("%s is a symbolic link", c.dir)
	}
	if err == nil {
		err = private(opened)
	}
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return root, nil
}

// private returns an error if another user owns the file or may use it.
func private(info fs.FileInfo) error {
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("other users have access to %s: its mode is %s", info.Name(), info.Mode().Perm())
	}
	if owner, known := info.Sys().(*syscall.Stat_t); !known || int(owner.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to another user", info.Name())
	}
	return nil
}

// envelope is the decrypted content of a file.
type envelope struct {
	Saved time.Time       `json:"saved"`
	Value json.RawMessage `json:"value"`
}

// Load decodes a value and returns its age. The error is fs.ErrNotExist if there
// is none. A value from the future has no age and is not returned: the clock was
// changed.
func (c *Cache) Load(name string, value any) (age time.Duration, err error) {
	if c == nil {
		return 0, fs.ErrNotExist
	}
	root, err := c.opened()
	if err != nil {
		return 0, err
	}
	sealed, err := c.read(root, name)
	if err != nil {
		return 0, err
	}
	if len(sealed) < c.seal.NonceSize() {
		return 0, errors.New("the file is incomplete")
	}
	nonce, sealed := sealed[:c.seal.NonceSize()], sealed[c.seal.NonceSize():]
	content, err := c.seal.Open(nil, nonce, sealed, []byte(name))
	if err != nil {
		return 0, err
	}
	var found envelope
	if err := json.Unmarshal(content, &found); err != nil {
		return 0, err
	}
	if age = time.Since(found.Saved); age < 0 {
		return 0, errors.New("the value is from the future")
	}
	return age, json.Unmarshal(found.Value, value)
}

// read reads a regular file that belongs to the user. Symbolic links are not
// followed. Between the two checks only this user could replace the file: others
// cannot write to the directory.
func (c *Cache) read(root *os.Root, name string) ([]byte, error) {
	info, err := root.Lstat(c.file(name))
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxSize {
		return nil, errors.New("not a file of the cache")
	}
	if err := private(info); err != nil {
		return nil, err
	}
	return root.ReadFile(c.file(name))
}

// Save stores a value in the place of an earlier one. The file is complete when
// it gets its name, so that no process reads a part of it.
func (c *Cache) Save(name string, value any) error {
	if c == nil {
		return nil
	}
	root, err := c.opened()
	if err != nil {
		return err
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return err
	}
	content, err := json.Marshal(envelope{Saved: time.Now(), Value: encoded})
	if err != nil {
		return err
	}
	nonce := make([]byte, c.seal.NonceSize(), c.seal.NonceSize()+len(content)+c.seal.Overhead())
	_, _ = rand.Read(nonce) // never fails
	temporary := c.file(name) + "-" + rand.Text() + temporarySuffix
	err = root.WriteFile(temporary, c.seal.Seal(nonce, nonce, content, []byte(name)), 0o600)
	if err == nil {
		err = root.Rename(temporary, c.file(name))
	}
	if err != nil {
		return errors.Join(err, remove(root, temporary))
	}
	return nil
}

// Remove removes a value.
func (c *Cache) Remove(name string) error {
	if c == nil {
		return nil
	}
	root, err := c.opened()
	if err != nil {
		return err
	}
	return remove(root, c.file(name))
}

// file returns the name of the file of a value.
func (c *Cache) file(name string) string { return c.prefix + "-" + name }

const temporarySuffix = ".new"

// filePrefix begins the names of all files. An operator may have chosen a directory
// that contains others.
const filePrefix = "openstack_cpi-"

// Sweep removes the files of all credentials that are older than a day, and what
// processes that were killed have left. It looks at every file, so that it is not
// a part of Save.
func (c *Cache) Sweep() {
	if c == nil {
		return
	}
	root, err := c.opened()
	if err != nil {
		return
	}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return
	}
	for _, entry := range entries {
		if !strings.HasPrefix(entry.Name(), filePrefix) {
			continue
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > maxAge {
			_ = remove(root, entry.Name()) //nolint:errcheck // the next process tries again
		}
	}
}

func remove(root *os.Root, name string) error {
	if err := root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
