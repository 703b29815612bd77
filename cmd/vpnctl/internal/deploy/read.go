package deploy

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// windows is the system whose files have no modes.
const windows = "windows"

// Read reads the file of settings. The warning says that others can read it; "" if
// they cannot, or if the system does not say.
func Read(path, system string) (f *File, warning string, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, "", fmt.Errorf("there is no %s: a deployment without it would empty the function's variables. "+
			"Create it with \"vpnctl init\", or take the file of the last deployment", path)
	case err != nil:
		return nil, "", err
	case !info.Mode().IsRegular():
		return nil, "", fmt.Errorf("%s is no regular file", path)
	case system != windows && info.Mode().Perm()&0o022 != 0:
		return nil, "", fmt.Errorf("others may write %s (%s), and change what is deployed: run \"chmod 600 %s\"", path, info.Mode().Perm(), path)
	case system != windows && info.Mode().Perm()&0o077 != 0:
		warning = fmt.Sprintf("others may read %s, which has secrets (%s): run \"chmod 600 %s\"", path, info.Mode().Perm(), path)
	}
	data, err := readLimited(path)
	if err != nil {
		return nil, "", err
	}
	f, err = Parse(path, data)
	return f, warning, err
}

// readLimited reads a file, and no more of it than Parse refuses.
func readLimited(path string) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(in, maxFile+8))
	return data, errors.Join(err, in.Close())
}
