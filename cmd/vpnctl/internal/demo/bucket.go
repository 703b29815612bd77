package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sslvpn-change/sslvpn-change/internal/record"
)

// receipts reads all receipts, by file.
func receipts(bucket string) (map[string]record.Receipt, error) {
	out := map[string]record.Receipt{}
	err := read(filepath.Join(bucket, "receipts"), isMain, func(r record.Receipt) {
		out[r.File] = r
	})
	return out, err
}

// records reads all records, sorted by id.
func records(bucket string) ([]record.Record, error) {
	var out []record.Record
	err := read(filepath.Join(bucket, "results"), isMain, func(r record.Record) { out = append(out, r) })
	slices.SortFunc(out, func(a, b record.Record) int { return strings.Compare(a.ID, b.ID) })
	return out, err
}

// proofs reads what was seen of servers, by change.
func proofs(bucket string) (map[string]record.Proof, error) {
	out := map[string]record.Proof{}
	err := read(filepath.Join(bucket, "results"), isProof, func(p record.Proof) { out[p.ID] = p })
	return out, err
}

// isProof reports whether an object is a proof; isMain whether it stands for itself, and
// not beside a record.
func isProof(name string) bool { return strings.HasSuffix(name, ".proof.json") }

func isMain(name string) bool { return !isProof(name) && !strings.HasSuffix(name, ".notice.json") }

// read decodes every object below a folder that need not exist yet.
func read[T any](dir string, wanted func(name string) bool, take func(T)) error {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || filepath.Ext(path) != ".json" {
			return err
		}
		if !wanted(filepath.Base(path)) {
			return nil
		}
		data, err := os.ReadFile(path) //nolint:gosec // below the demonstration's own folder
		if err != nil {
			return err
		}
		var v T
		if err := json.Unmarshal(data, &v); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
		take(v)
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
