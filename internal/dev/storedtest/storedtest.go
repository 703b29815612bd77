package storedtest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Form is a stored form under test. T is what readers of the form work with;
// values are compared with reflect.DeepEqual.
type Form[T any] struct {
	Name string // the folder below testdata/stored
	// Stored is a value of the type that is marshalled, such as wire{}.
	Stored any
	// Read is the production reader. It fails for data that is not the form.
	Read func(data []byte) (T, error)
	// Write is the production writer; nil for a form that is only read.
	Write func(T) ([]byte, error)
	// Want is what each sample means, by version ("v1").
	Want map[string]T
	// EmptyReads is set for a form in which an object without fields has a
	// meaning; otherwise the reader must refuse it.
	EmptyReads bool
}

// Check runs every check on a form. The caller's folder has the samples.
func Check[T any](t *testing.T, f Form[T]) {
	t.Helper()
	samples := readSamples(t, filepath.Join("testdata", "stored", f.Name))
	for _, v := range versions(f.Want) {
		if _, ok := samples[v]; !ok {
			t.Errorf("%s: there is no sample %s.json", f.Name, v)
		}
	}
	names := namesOf(reflect.TypeOf(f.Stored))
	all := versions(samples)
	for i, v := range all {
		want, ok := f.Want[v]
		if !ok {
			t.Errorf("%s: nothing says what %s.json means", f.Name, v)
			continue
		}
		checkRead(t, f, v, samples[v], want)
		checkNames(t, f.Name+" "+v, namesIn(t, reflect.TypeOf(f.Stored), samples[v]), names, i == len(all)-1)
	}
	if len(all) == 0 {
		return
	}
	newest := all[len(all)-1]
	if f.Write != nil {
		checkWrite(t, f, newest, samples[newest])
	}
	checkUnknown(t, f, newest, samples[newest])
	checkRefused(t, f, samples[newest])
}

func readSamples(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatalf("no samples: %v", err)
	}
	out := map[string][]byte{}
	for _, file := range files {
		version, ok := strings.CutSuffix(file.Name(), ".json")
		if !ok {
			t.Errorf("%s is not a sample", filepath.Join(dir, file.Name()))
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, file.Name())) //nolint:gosec // G304: a sample of the package under test
		if err != nil {
			t.Fatal(err)
		}
		out[version] = data
	}
	return out
}

func checkRead[T any](t *testing.T, f Form[T], version string, sample []byte, want T) {
	t.Helper()
	got, err := f.Read(sample)
	if err != nil {
		t.Errorf("%s %s: the production reader refuses the sample: %v", f.Name, version, err)
		return
	}
	if at := difference(reflect.ValueOf(got), reflect.ValueOf(want), ""); at != "" {
		t.Errorf("%s %s is read as something else: %s", f.Name, version, at)
	} else if !reflect.DeepEqual(got, want) {
		t.Errorf("%s %s is read as\n%+v, want\n%+v", f.Name, version, got, want)
	}
}

// checkNames compares the names in a sample with those of the stored type. The
// newest sample has all of them, each with a value; older ones have no others.
func checkNames(t *testing.T, what string, have map[string]bool, want []string, newest bool) {
	t.Helper()
	for name := range have {
		if _, ok := slices.BinarySearch(want, name); !ok {
			t.Errorf("%s: the stored type has no %s", what, name)
		}
	}
	for _, name := range want {
		set, there := have[name]
		switch {
		case !newest && (!there || set):
		case !there:
			t.Errorf("%s: the sample lacks %s; see the package's comment on adding a field", what, name)
		case !set:
			t.Errorf("%s: the sample does not set %s", what, name)
		}
	}
}

// checkWrite compares what the current writer makes of the newest sample's
// meaning with the sample.
func checkWrite[T any](t *testing.T, f Form[T], version string, sample []byte) {
	t.Helper()
	data, err := f.Write(f.Want[version])
	if err != nil {
		t.Errorf("%s: write: %v", f.Name, err)
		return
	}
	var got, want any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Errorf("%s: the writer writes no JSON: %v", f.Name, err)
		return
	}
	if err := json.Unmarshal(sample, &want); err != nil {
		t.Errorf("%s %s: %v", f.Name, version, err)
		return
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: the writer no longer writes what %s.json has: %s\n%s", f.Name, version,
			difference(reflect.ValueOf(got), reflect.ValueOf(want), ""), data)
	}
}

// checkUnknown adds an unknown field to every object of the sample that has the
// stored type's names: an older version must read what a newer one wrote.
func checkUnknown[T any](t *testing.T, f Form[T], version string, sample []byte) {
	t.Helper()
	var doc any
	if err := json.Unmarshal(sample, &doc); err != nil {
		t.Errorf("%s %s: %v", f.Name, version, err)
		return
	}
	addUnknown(reflect.TypeOf(f.Stored), doc)
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Read(data); err != nil {
		t.Errorf("%s: the reader does not ignore a field that it does not know: %v", f.Name, err)
	}
}

// checkRefused reads what is no object of the form.
func checkRefused[T any](t *testing.T, f Form[T], sample []byte) {
	t.Helper()
	whole := strings.TrimSpace(string(sample))
	// Half a byte sequence of UTF-8 is a truncation, too.
	for n := range len(whole) {
		if _, err := f.Read([]byte(whole[:n])); err == nil {
			t.Errorf("%s: the reader takes the first %d of %d bytes", f.Name, n, len(whole))
			break
		}
	}
	if f.EmptyReads {
		return
	}
	for _, text := range []string{"null", "{}", "[]", `""`, "0"} {
		if _, err := f.Read([]byte(text)); err == nil {
			t.Errorf("%s: the reader takes %s", f.Name, text)
		}
	}
}
