# SPDX-License-Identifier: Apache-2.0
"""A provider of models, as OpenAI's API has it, with scripted behaviour.

    with Provider() as provider: ...          # provider.port

It answers /v1/chat/completions (whole and streamed), /v1/embeddings and /v1/models. What it says is a function of the
question: "echo: " and the last message. A message may hold orders in double brackets, which pass through any gateway:

    [[status N]]     an error with that status          [[cut N]]      the connection breaks after N events
    [[wait MS]]      waits before the answer            [[no-done]]    the stream ends without [DONE]
    [[gap MS]]       waits between events               [[chop N]]     the stream's bytes in chunks of N, across lines
    [[words N]]      an answer of N words               [[crlf]]       events whose lines end with CRLF
    [[call N]]       calls the first tool N times       [[think]]      reasons before it answers

`requests` are the bodies that arrived; `streams_broken` counts streams that the other side left.
"""
import json
import re
import time

from harness.origin import Exchange, Gone, Origin


class Provider(Origin):
    """An origin whose default script is a provider."""

    def __init__(self, **more):
        super().__init__(default=self._serve_api, **more)
        self.questions: list[dict] = []
        self.streams_broken = 0

    def _serve_api(self, exchange: Exchange):
        body = exchange.body()
        path = exchange.request.path
        if path == "/v1/models":
            return answer(exchange, {"object": "list", "data": [{"id": "stand-in", "object": "model", "owned_by": "tests"}]})
        try:
            asked = json.loads(body)
        except ValueError:
            return error(exchange, 400, "the body is no JSON")
        self.questions.append(asked)
        if path == "/v1/embeddings":
            return answer(exchange, embeddings(asked))
        if path == "/v1/chat/completions":
            return self._complete(exchange, asked)
        return error(exchange, 404, f"there is no {path}")

    def _complete(self, exchange: Exchange, asked: dict):
        question = str(asked["messages"][-1]["content"])
        orders = {name: int(number or 0) for name, number in re.findall(r"\[\[([a-z-]+) ?(\d*)\]\]", question)}
        time.sleep(orders.get("wait", 0) / 1000)
        if "status" in orders:
            return error(exchange, orders["status"], "as ordered")
        text = " ".join(f"word{i}" for i in range(orders["words"])) if "words" in orders else f"echo: {question}"
        if not asked.get("stream"):
            return answer(exchange, completion(asked, text, orders))
        try:
            return stream(exchange, events(asked, text, orders), orders)
        except Gone:
            self.streams_broken += 1
            raise


def answer(exchange: Exchange, body: dict, status: int = 200):
    exchange.answer(status, json.dumps(body).encode(), [("content-type", "application/json")])


def error(exchange: Exchange, status: int, message: str):
    answer(exchange, {"error": {"message": message, "type": "invalid_request_error", "code": None, "param": None}}, status)


def usage(asked: dict, text: str) -> dict:
    prompt = sum(len(str(message["content"]).split()) for message in asked["messages"])
    return {"prompt_tokens": prompt, "completion_tokens": len(text.split()), "total_tokens": prompt + len(text.split())}


def message(asked: dict, text: str, orders: dict) -> dict:
    said = {"role": "assistant", "content": text}
    if "think" in orders:
        said["reasoning_content"] = "thinking of an echo"
    if count := orders.get("call"):
        name = asked["tools"][0]["function"]["name"]
        calls = [{"id": f"call_{i}", "type": "function", "function": {"name": name, "arguments": json.dumps({"number": i})}}
                 for i in range(count)]
        said |= {"content": None, "tool_calls": calls}
    return said


def completion(asked: dict, text: str, orders: dict) -> dict:
    said = message(asked, text, orders)
    return {"id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000, "model": asked.get("model", "stand-in"),
            "choices": [{"index": 0, "message": said, "finish_reason": "tool_calls" if "call" in orders else "stop"}],
            "usage": usage(asked, text)}


def embeddings(asked: dict) -> dict:
    inputs = asked["input"] if isinstance(asked["input"], list) else [asked["input"]]
    return {"object": "list", "model": asked.get("model", "stand-in"), "usage": {"prompt_tokens": 1, "total_tokens": 1},
            "data": [{"object": "embedding", "index": index, "embedding": [len(text) / 100, 0.5, -0.25]}
                     for index, text in enumerate(inputs)]}


def deltas(asked: dict, text: str, orders: dict) -> list[dict]:
    said = message(asked, text, orders)
    told = [{"reasoning_content": word} for word in re.findall(r"\S+\s*", said.get("reasoning_content", ""))]
    told += [{"content": word} for word in re.findall(r"\S+\s*", said["content"] or "")]
    for index, call in enumerate(said.get("tool_calls", [])):
        arguments = call["function"]["arguments"]
        told.append({"tool_calls": [{"index": index} | call | {"function": call["function"] | {"arguments": ""}}]})
        told += [{"tool_calls": [{"index": index, "function": {"arguments": arguments[at:at + 4]}}]}
                 for at in range(0, len(arguments), 4)]
    return told


def events(asked: dict, text: str, orders: dict) -> list[str]:
    """The data of each event of a stream, the last one included."""
    def piece(delta: dict, finish=None, **more) -> str:
        return json.dumps({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000,
                           "model": asked.get("model", "stand-in"),
                           "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]} | more)
    told = [piece({"role": "assistant", "content": ""}), *(piece(delta) for delta in deltas(asked, text, orders)),
            piece({}, "tool_calls" if "call" in orders else "stop")]
    if (asked.get("stream_options") or {}).get("include_usage"):
        told.append(json.dumps(json.loads(piece({})) | {"choices": [], "usage": usage(asked, text)}))
    return [*told, "[DONE]"]


def stream(exchange: Exchange, told: list[str], orders: dict):
    """Sends events, each as a chunk of its own unless they are to be chopped."""
    if "no-done" in orders:
        told = told[:-1]
    end = "\r\n" if "crlf" in orders else "\n"
    pieces = [f"data: {data}{end}{end}".encode() for data in told]
    if size := orders.get("chop"):
        whole = b"".join(pieces)
        pieces = [whole[at:at + size] for at in range(0, len(whole), size)]
    exchange.send(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
                  b"transfer-encoding: chunked\r\n\r\n")
    for number, data in enumerate(pieces):
        if number and number == orders.get("cut"):
            return exchange.reset()
        if number:
            time.sleep(orders.get("gap", 0) / 1000)
        exchange.send(b"%x\r\n%s\r\n" % (len(data), data))
    return exchange.send(b"0\r\n\r\n")
