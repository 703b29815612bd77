package mcp

import (
	"context"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// Serve is Run on any transport.
func Serve(ctx context.Context, s *Server, t sdk.Transport) error { return s.serve(ctx, t) }
