// SPDX-License-Identifier: Apache-2.0

// Scripted is a plug-in that does what its configuration says, over the public Go SDK: see ../README.md.
package main

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() { proxywasm.SetVMContext(&machine{}) }

type line struct {
	scenario, phase string
	words           []string
}

type machine struct{ types.DefaultVMContext }

func (*machine) NewPluginContext(uint32) types.PluginContext { return &plugin{} }

type plugin struct {
	types.DefaultPluginContext
	script []line
}

func (p *plugin) OnPluginStart(int) types.OnPluginStartStatus {
	text, err := proxywasm.GetPluginConfiguration()
	if err != nil {
		return types.OnPluginStartStatusFailed
	}
	for _, part := range strings.Split(string(text), `"`) {
		if words := strings.Split(part, " "); len(words) > 2 {
			p.script = append(p.script, line{words[0], words[1], words[2:]})
		}
	}
	return types.OnPluginStartStatusOK
}

func (p *plugin) NewHttpContext(uint32) types.HttpContext { return &exchange{script: p.script} }

type exchange struct {
	types.DefaultHttpContext
	script          []line
	scenario, phase string
	size            int
	answered        bool
}

func (e *exchange) OnHttpRequestHeaders(_ int, end bool) types.Action {
	e.scenario, _ = proxywasm.GetHttpRequestHeader("x-scenario")
	return e.run("request_headers", 0, end)
}

func (e *exchange) OnHttpRequestBody(size int, end bool) types.Action {
	return e.run("request_body", size, end)
}

func (e *exchange) OnHttpResponseHeaders(_ int, end bool) types.Action {
	return e.run("response_headers", 0, end)
}

func (e *exchange) OnHttpResponseBody(size int, end bool) types.Action {
	return e.run("response_body", size, end)
}

func (e *exchange) run(phase string, size int, end bool) types.Action {
	e.phase, e.size = phase, size
	action := types.ActionContinue
	for _, each := range e.script {
		if each.scenario != e.scenario || each.phase != phase {
			continue
		}
		switch each.words[0] {
		case "pause":
			action = types.ActionPause
		case "gather":
			if !end {
				return types.ActionPause
			}
		default:
			e.act(each.words)
		}
		if e.answered {
			return types.ActionPause
		}
	}
	return action
}

func (e *exchange) inResponse() bool { return strings.HasPrefix(e.phase, "response") }

func (e *exchange) act(words []string) {
	word := func(at int) string {
		if at < len(words) {
			return words[at]
		}
		return ""
	}
	switch word(0) {
	case "add":
		if e.inResponse() {
			proxywasm.AddHttpResponseHeader(word(1), word(2))
		} else {
			proxywasm.AddHttpRequestHeader(word(1), word(2))
		}
	case "replace":
		e.replace(word(1), word(2))
	case "remove":
		if e.inResponse() {
			proxywasm.RemoveHttpResponseHeader(word(1))
		} else {
			proxywasm.RemoveHttpRequestHeader(word(1))
		}
	case "only":
		e.only(word(1))
	case "copy":
		e.replace(word(2), e.header(word(1)))
	case "count":
		e.replace(word(1), map[bool]string{true: "many", false: "few"}[len(e.headers()) > 2])
	case "body":
		e.setBody(proxywasm.ReplaceHttpRequestBody, proxywasm.ReplaceHttpResponseBody, word(1))
	case "prepend":
		e.setBody(proxywasm.PrependHttpRequestBody, proxywasm.PrependHttpResponseBody, word(1))
	case "append":
		e.setBody(proxywasm.AppendHttpRequestBody, proxywasm.AppendHttpResponseBody, word(1))
	case "upper":
		get := proxywasm.GetHttpRequestBody
		if e.inResponse() {
			get = proxywasm.GetHttpResponseBody
		}
		if e.size > 0 {
			body, _ := get(0, e.size)
			e.setBody(proxywasm.ReplaceHttpRequestBody, proxywasm.ReplaceHttpResponseBody, strings.ToUpper(string(body)))
		}
	case "local":
		status, _ := strconv.Atoi(word(1))
		proxywasm.SendHttpResponse(uint32(status), [][2]string{{"x-local", "yes"}}, []byte(word(2)), -1)
		e.answered = true
	case "call":
		e.call(word(1), word(2))
	case "property":
		e.replace(word(2), property(word(1), word(3)))
	case "set_property":
		proxywasm.SetProperty([]string{word(1)}, []byte(word(2)))
	case "shared":
		_, cas, _ := proxywasm.GetSharedData(word(1))
		text := "refused"
		if proxywasm.SetSharedData(word(1), []byte(word(2)), cas) == nil {
			value, _, _ := proxywasm.GetSharedData(word(1))
			text = string(value)
		}
		e.replace("x-shared", text)
	case "resume":
		if word(1) == "response" {
			proxywasm.ResumeHttpResponse()
		} else {
			proxywasm.ResumeHttpRequest()
		}
	}
}

func (e *exchange) call(service, path string) {
	headers := [][2]string{{":method", "GET"}, {":path", path}, {":authority", "callout"}}
	_, err := proxywasm.DispatchHttpCall(service, headers, nil, nil, 5000, func(count, size, _ int) {
		text := "failed"
		if count > 0 {
			body, _ := proxywasm.GetHttpCallResponseBody(0, size)
			text = string(body)
		}
		for _, each := range e.script {
			if each.scenario != e.scenario || each.phase != "reply" || e.answered {
				continue
			}
			if each.words[0] == "take" {
				e.replace(each.words[1], text)
			} else {
				e.act(each.words)
			}
		}
	})
	if err != nil {
		e.replace("x-call", "refused")
	}
}

func property(path, kind string) string {
	value, err := proxywasm.GetProperty(strings.Split(path, "."))
	switch {
	case err != nil:
		return "none"
	case kind == "number" && len(value) == 8:
		return strconv.FormatInt(int64(binary.LittleEndian.Uint64(value)), 10)
	case kind == "truth":
		return fmt.Sprint(value)
	}
	return string(value)
}

func (e *exchange) header(name string) string {
	get := proxywasm.GetHttpRequestHeader
	if e.inResponse() {
		get = proxywasm.GetHttpResponseHeader
	}
	if value, err := get(name); err == nil {
		return value
	}
	return "none"
}

func (e *exchange) headers() [][2]string {
	get := proxywasm.GetHttpRequestHeaders
	if e.inResponse() {
		get = proxywasm.GetHttpResponseHeaders
	}
	all, _ := get()
	return all
}

func (e *exchange) replace(name, value string) {
	if e.inResponse() {
		proxywasm.ReplaceHttpResponseHeader(name, value)
	} else {
		proxywasm.ReplaceHttpRequestHeader(name, value)
	}
}

// only sets the whole map: the fields that HTTP needs, and one more.
func (e *exchange) only(name string) {
	var kept [][2]string
	for _, field := range e.headers() {
		if strings.HasPrefix(field[0], ":") || field[0] == "content-length" {
			kept = append(kept, field)
		}
	}
	kept = append(kept, [2]string{name, "only"})
	if e.inResponse() {
		proxywasm.ReplaceHttpResponseHeaders(kept)
	} else {
		proxywasm.ReplaceHttpRequestHeaders(kept)
	}
}

func (e *exchange) setBody(request, response func([]byte) error, text string) {
	if e.inResponse() {
		response([]byte(text))
	} else {
		request([]byte(text))
	}
}
