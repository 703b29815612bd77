// Command empty is the least that Function Compute can start: what any
// function on its SDK costs.
package main

import (
	"context"
	"encoding/json"

	"github.com/aliyun/fc-runtime-go-sdk/fc"
)

func main() {
	fc.Start(func(context.Context, json.RawMessage) (json.RawMessage, error) { return nil, nil })
}
