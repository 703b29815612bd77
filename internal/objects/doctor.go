package objects

import "strings"

// Doctor is the prefix of what a check of the account writes. The sweep deletes what
// lies below Claims when it is old.
const Doctor = Claims + "doctor/"

// DoctorPrefix is the prefix of what one run of a check writes.
func DoctorPrefix(run string) string { return Doctor + run + "/" }

// DoctorKey is the key of an object of one run of a check of the account.
//
//   - Keys: claims/doctor/<run>/<name>.json
//   - Written by: doctor
//   - Read by: doctor
//   - Deleted by: doctor; reconcile, after 30 days
func DoctorKey(run, name string) string { return DoctorPrefix(run) + name + ".json" }

// DoctorWake is the object whose creation shows that the trigger of wake objects fires. It
// names no lane.
//
//   - Keys: wake/doctor
//   - Written by: doctor
//   - Read by: the platform's trigger
//   - Deleted by: nobody
const DoctorWake = "wake/doctor"

// DoctorAnswer is the object whose creation shows that the trigger of answers fires. It is
// no answer.
//
//   - Keys: outbox/answers/doctor.json
//   - Written by: doctor
//   - Read by: the platform's trigger
//   - Deleted by: doctor
const DoctorAnswer = "outbox/answers/doctor.json"

// IsDoctorMark reports whether an event about an object shows that a trigger fires, and
// nothing else.
func IsDoctorMark(key string) bool { return key == DoctorWake || key == DoctorAnswer }

// DoctorRunLength is the length of the name of a run: small letters and digits from 2 to 7.
const DoctorRunLength = 26

// IsDoctorRun reports whether a text is the name of a run.
func IsDoctorRun(s string) bool {
	return len(s) == DoctorRunLength && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '2' || c > '7')
	})
}
