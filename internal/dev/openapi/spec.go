package openapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// Spec is a description of an API. It is safe for concurrent use.
type Spec struct {
	doc    *openapi3.T
	router routers.Router

	mu   sync.Mutex
	seen map[string]bool // "GET /healthz 200"
}

// Load reads a description, with the files that it refers to, and validates it, its
// examples included.
func Load(ctx context.Context, file string) (*Spec, error) {
	loader := openapi3.NewLoader()
	loader.Context, loader.IsExternalRefsAllowed = ctx, true
	doc, err := loader.LoadFromFile(file)
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(ctx); err != nil {
		return nil, err
	}
	doc.Servers = openapi3.Servers{{URL: "https://" + host}}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, err
	}
	return &Spec{doc: doc, router: router, seen: map[string]bool{}}, nil
}

// host stands for the function's address.
const host = "function.example"

// Exchange is a request and its response.
type Exchange struct {
	Method, Path  string
	Query, Header map[string]string
	Body          string

	Status         int
	ResponseHeader map[string]string
	ResponseBody   string
}

// ErrNoRoute says that a path is not described.
var ErrNoRoute = errors.New("the description has no such path")

// ErrNoMethod says that a path is described, and its method is not.
var ErrNoMethod = errors.New("the description has no such method for the path")

// Response checks the response of an exchange: its status, headers and body have to be
// described.
func (s *Spec) Response(ctx context.Context, e Exchange) error {
	in, err := s.request(ctx, e)
	if err != nil {
		return err
	}
	err = openapi3filter.ValidateResponse(ctx, &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: e.Status, Header: header(e.ResponseHeader),
		Body: io.NopCloser(strings.NewReader(e.ResponseBody)), Options: in.Options,
	})
	if err != nil {
		return fmt.Errorf("%s %s: %d: %w", e.Method, in.Route.Path, e.Status, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[in.Route.Method+" "+in.Route.Path+" "+strconv.Itoa(e.Status)] = true
	return nil
}

// Request checks the request of an exchange: its parameters, headers and body have to
// be described.
func (s *Spec) Request(ctx context.Context, e Exchange) error {
	in, err := s.request(ctx, e)
	if err != nil {
		return err
	}
	for name := range e.Query {
		if in.Route.Operation.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			return fmt.Errorf("%s %s: the parameter %s is not described", e.Method, in.Route.Path, name)
		}
	}
	return openapi3filter.ValidateRequest(ctx, in)
}

func (s *Spec) request(ctx context.Context, e Exchange) (*openapi3filter.RequestValidationInput, error) {
	values := url.Values{}
	for name, value := range e.Query {
		values.Set(name, value)
	}
	address := url.URL{Scheme: "https", Host: host, Path: e.Path, RawQuery: values.Encode()}
	req, err := http.NewRequestWithContext(ctx, e.Method, address.String(), bytes.NewReader([]byte(e.Body)))
	if err != nil {
		return nil, err
	}
	req.Header = header(e.Header)
	route, params, err := s.router.FindRoute(req)
	switch {
	case errors.Is(err, routers.ErrMethodNotAllowed):
		return nil, ErrNoMethod
	case errors.Is(err, routers.ErrPathNotFound):
		return nil, ErrNoRoute
	case err != nil:
		return nil, err
	}
	return &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route, Options: &openapi3filter.Options{
			IncludeResponseStatus: true, RejectWhenRequestBodyNotSpecified: true, SkipSettingDefaults: true,
			AuthenticationFunc: signed,
		},
	}, nil
}

// signed is satisfied by a request that has the header of a security scheme.
func signed(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	if in.RequestValidationInput.Request.Header.Get(in.SecurityScheme.Name) == "" {
		return fmt.Errorf("the header %s is missing", in.SecurityScheme.Name)
	}
	return nil
}

func header(from map[string]string) http.Header {
	h := http.Header{}
	for name, value := range from {
		h.Set(name, value)
	}
	return h
}

// Unseen lists the described responses, as "GET /healthz 200", that [Spec.Response] has
// not checked yet.
func (s *Spec) Unseen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for path, item := range s.doc.Paths.Map() {
		for method, op := range item.Operations() {
			for status := range op.Responses.Map() {
				if name := method + " " + path + " " + status; !s.seen[name] {
					out = append(out, name)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// Operations lists what is described, as "GET /healthz".
func (s *Spec) Operations() []string {
	var out []string
	for path, item := range s.doc.Paths.Map() {
		for method := range maps.Keys(item.Operations()) {
			out = append(out, method+" "+path)
		}
	}
	slices.Sort(out)
	return out
}
