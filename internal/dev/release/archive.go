package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"path"
	"time"
)

// member is a file in an archive.
type member struct {
	name string
	data []byte
	mode fs.FileMode
}

// tarball packs a folder of files as .tar.gz. It depends on its arguments alone.
func tarball(folder string, at time.Time, members []member) ([]byte, error) {
	var buf bytes.Buffer
	z, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	t := tar.NewWriter(z)
	for _, m := range members {
		err := t.WriteHeader(&tar.Header{
			Typeflag: tar.TypeReg, Name: path.Join(folder, m.name), Size: int64(len(m.data)), Mode: int64(m.mode), ModTime: at, Format: tar.FormatUSTAR,
		})
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", m.name, err)
		}
		if _, err := t.Write(m.data); err != nil {
			return nil, fmt.Errorf("pack %s: %w", m.name, err)
		}
	}
	if err := t.Close(); err != nil {
		return nil, err
	}
	err = z.Close()
	return buf.Bytes(), err
}

// zipped packs a folder of files as .zip. It depends on its arguments alone.
func zipped(folder string, at time.Time, members []member) ([]byte, error) {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, m := range members {
		header := &zip.FileHeader{Name: path.Join(folder, m.name), Method: zip.Deflate, Modified: at}
		header.SetMode(m.mode)
		f, err := z.CreateHeader(header)
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", m.name, err)
		}
		if _, err := f.Write(m.data); err != nil {
			return nil, fmt.Errorf("pack %s: %w", m.name, err)
		}
	}
	err := z.Close()
	return buf.Bytes(), err
}
