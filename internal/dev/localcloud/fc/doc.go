// Package fc emulates Function Compute 3.0 on one machine: it runs an unmodified
// go1 binary the way the platform runs it, with the triggers that the project
// deploys.
//
// So the binary that is tested is the one that is deployed. The emulator
// implements the runtime API as the SDK's source describes it (github.com/aliyun/fc-runtime-go-sdk, fc/runtime_api_client.go and
// fc/invoke_loop.go) and the limits of the vendor's "Limits" and "Error
// handling" pages.
//
// # Instances
//
// An instance is one process with a runtime API listener of its own and works
// on one invocation at a time: go1 has no concurrency inside an instance.
// Idle instances are reused, the last used first; when none is idle a new one
// starts, up to Options.MaxInstances; beyond that invocations wait, where the
// platform would answer 429 and try again.
//
// A process that is still busy at the deadline is killed with its process group.
// The port of an instance stays open until its process has ended, because the
// SDK polls in a tight loop when the port is closed.
//
// # Invocations
//
// Invoke is synchronous and tried once. InvokeAsync, the object triggers and
// the timers are asynchronous: delivered at least once, and again with the same
// payload and request id when the function fails. x-fc-retry-count counts the
// repetitions. API is the platform's own API, by which the function invokes itself
// asynchronously, with a delay of up to an hour. What is delayed is lost when the
// emulator is closed.
//
// # Errors
//
// A function that answers with an error, dies, runs over its deadline or
// answers too much gives a *FunctionError. Everything else is about the
// emulator: ErrClosed, ErrPayloadTooLarge.
//
// # Concurrency
//
// All methods may be called from any goroutine. Hooks are called from many.
package fc
