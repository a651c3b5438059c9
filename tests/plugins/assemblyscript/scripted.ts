// SPDX-License-Identifier: Apache-2.0
// A plug-in that does what its configuration says, over the public AssemblyScript SDK: see ../README.md. The SDK cannot change
// bodies or read whole maps, so that it knows fewer actions than the others.
export * from "@solo-io/proxy-runtime/proxy";
import {
  Context,
  FilterDataStatusValues,
  FilterHeadersStatusValues,
  GrpcStatusValues,
  HeaderPair,
  RootContext,
  WasmResultValues,
  continue_request,
  continue_response,
  registerRootContext,
  send_local_response,
  stream_context,
} from "@solo-io/proxy-runtime";
import { BufferTypeValues, get_buffer_bytes, get_property } from "@solo-io/proxy-runtime/runtime";

class Root extends RootContext {
  lines: string[] = [];

  createContext(context_id: u32): Context {
    return new Exchange(context_id, this);
  }

  onConfigure(size: u32): bool {
    super.onConfigure(size);
    this.lines = this.getConfiguration().split('"');
    return true;
  }
}

class Exchange extends Context {
  root: Root;
  scenario: string = "";
  phase: string = "";
  answered: bool = false;

  constructor(context_id: u32, root: Root) {
    super(context_id, root);
    this.root = root;
  }

  onRequestHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    this.scenario = stream_context.headers.request.get("x-scenario");
    return this.run("request_headers", end) ? FilterHeadersStatusValues.Continue : FilterHeadersStatusValues.StopIteration;
  }

  onRequestBody(size: usize, end: bool): FilterDataStatusValues {
    return this.run("request_body", end) ? FilterDataStatusValues.Continue : FilterDataStatusValues.StopIterationAndBuffer;
  }

  onResponseHeaders(count: u32, end: bool): FilterHeadersStatusValues {
    return this.run("response_headers", end) ? FilterHeadersStatusValues.Continue : FilterHeadersStatusValues.StopIteration;
  }

  onResponseBody(size: usize, end: bool): FilterDataStatusValues {
    return this.run("response_body", end) ? FilterDataStatusValues.Continue : FilterDataStatusValues.StopIterationAndBuffer;
  }

  // Whether the phase goes on.
  run(phase: string, end: bool): bool {
    this.phase = phase;
    let goes_on = true;
    for (let i = 0; i < this.root.lines.length; i++) {
      const words = this.root.lines[i].split(" ");
      if (words.length < 3 || words[0] != this.scenario || words[1] != phase) continue;
      if (words[2] == "pause") {
        goes_on = false;
      } else if (words[2] == "gather") {
        if (!end) return false;
      } else {
        this.act(words);
      }
      if (this.answered) return false;
    }
    return goes_on;
  }

  act(words: string[]): void {
    const action = words[2];
    const first = words.length > 3 ? words[3] : "";
    const second = words.length > 4 ? words[4] : "";
    const in_response = this.phase.startsWith("response");
    const headers = in_response ? stream_context.headers.response : stream_context.headers.request;
    if (action == "add") headers.add(first, second);
    if (action == "replace") headers.replace(first, second);
    if (action == "remove") headers.remove(first);
    if (action == "copy") {
      const value = headers.get(first);
      headers.replace(second, value == "" ? "none" : value);
    }
    if (action == "local") {
      const extra = [new HeaderPair(String.UTF8.encode("x-local"), String.UTF8.encode("yes"))];
      send_local_response(<u32>parseInt(first), "", String.UTF8.encode(second), extra, GrpcStatusValues.Unknown);
      this.answered = true;
    }
    if (action == "property") {
      const value = String.UTF8.decode(get_property(first.split(".").join("\0")));
      headers.replace(second, value == "" ? "none" : value);
    }
    if (action == "resume") {
      if (first == "response") continue_response();
      else continue_request();
    }
    if (action == "call") this.call(first, second);
  }

  call(service: string, path: string): void {
    const headers = [
      new HeaderPair(String.UTF8.encode(":method"), String.UTF8.encode("GET")),
      new HeaderPair(String.UTF8.encode(":path"), String.UTF8.encode(path)),
      new HeaderPair(String.UTF8.encode(":authority"), String.UTF8.encode("callout")),
    ];
    const sent = this.root_context.httpCall(service, headers, new ArrayBuffer(0), [], 5000, this,
      (origin: Context, count: u32, size: usize, trailers: u32): void => {
        const self = origin as Exchange;
        const body = String.UTF8.decode(get_buffer_bytes(BufferTypeValues.HttpCallResponseBody, 0, <u32>size));
        self.reply(count == 0 ? "failed" : body);
      });
    if (sent != WasmResultValues.Ok) stream_context.headers.request.replace("x-call", "refused");
  }

  reply(text: string): void {
    this.setEffectiveContext();
    for (let i = 0; i < this.root.lines.length; i++) {
      const words = this.root.lines[i].split(" ");
      if (words.length < 3 || words[0] != this.scenario || words[1] != "reply" || this.answered) continue;
      if (words[2] == "take") {
        if (this.phase.startsWith("response")) stream_context.headers.response.replace(words[3], text);
        else stream_context.headers.request.replace(words[3], text);
      } else {
        this.act(words);
      }
    }
  }
}

registerRootContext((context_id: u32) => new Root(context_id), "");
