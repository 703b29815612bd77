package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// maxPackage is the size of the largest zip that the API accepts in a request's
// body, in bytes. Larger ones would have to be uploaded to a bucket; a function of
// this size contains a mistake.
const maxPackage = 100 << 20

// run packs the binary at in and writes the zip to out, completely or not at all.
func run(in, out string) error {
	binary, err := os.ReadFile(in)
	if err != nil {
		return fmt.Errorf("read the binary: %w", err)
	}
	if err := checkBinary(binary); err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	var buf bytes.Buffer
	if err := pack(&buf, filepath.Base(in), binary); err != nil {
		return fmt.Errorf("pack %s: %w", in, err)
	}
	if buf.Len() > maxPackage {
		return fmt.Errorf("the package has %d bytes, more than %d", buf.Len(), maxPackage)
	}
	tmp := out + ".tmp"
	if err := os.WriteFile(tmp, buf.Bytes(), 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, out)
}

// checkBinary refuses what the platform could not start: it runs Linux on x86-64.
func checkBinary(binary []byte) error {
	const machineAt, amd64 = 18, 0x3e // e_machine of the ELF header
	if len(binary) <= machineAt || !bytes.HasPrefix(binary, []byte("\x7fELF")) || binary[machineAt] != amd64 {
		return errors.New("not a Linux program for x86-64: build it with GOOS=linux GOARCH=amd64 (make package does)")
	}
	return nil
}

// pack writes a zip with one executable of the given name at its root.
func pack(w io.Writer, name string, binary []byte) error {
	z := zip.NewWriter(w)
	header := &zip.FileHeader{
		Name:   name,
		Method: zip.Deflate,
		// The oldest time that a zip can hold: the build's would change the
		// bytes of the package.
		Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	header.SetMode(0o755)
	f, err := z.CreateHeader(header)
	if err != nil {
		return err
	}
	if _, err := f.Write(binary); err != nil {
		return err
	}
	return z.Close()
}
