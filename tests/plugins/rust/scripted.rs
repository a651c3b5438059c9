// SPDX-License-Identifier: Apache-2.0
// A plug-in that does what its configuration says, over the public Rust SDK: see ../README.md.
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType};
use std::rc::Rc;
use std::time::Duration;

proxy_wasm::main! {{
    proxy_wasm::set_root_context(|_| Box::new(Root { script: Rc::new(Vec::new()) }));
}}

struct Line {
    scenario: String,
    phase: String,
    words: Vec<String>,
}

struct Root {
    script: Rc<Vec<Line>>,
}

impl Context for Root {}

impl RootContext for Root {
    fn on_configure(&mut self, _size: usize) -> bool {
        let text = self.get_plugin_configuration().unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let mut lines = Vec::new();
        for part in text.split('"') {
            let mut words = part.split(' ').map(str::to_string);
            if let (Some(scenario), Some(phase)) = (words.next(), words.next()) {
                lines.push(Line { scenario, phase, words: words.collect() });
            }
        }
        self.script = Rc::new(lines);
        true
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }

    fn create_http_context(&self, _id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Exchange {
            script: self.script.clone(),
            scenario: String::new(),
            phase: "",
            size: 0,
            end: false,
            answered: false,
        }))
    }
}

struct Exchange {
    script: Rc<Vec<Line>>,
    scenario: String,
    phase: &'static str,
    size: usize,
    end: bool,
    answered: bool,
}

impl Exchange {
    fn run(&mut self, phase: &'static str, size: usize, end: bool) -> Action {
        self.phase = phase;
        self.size = size;
        self.end = end;
        let script = self.script.clone();
        let mut action = Action::Continue;
        for line in script.iter() {
            if line.scenario != self.scenario || line.phase != phase {
                continue;
            }
            match line.words[0].as_str() {
                "pause" => action = Action::Pause,
                "gather" if !end => return Action::Pause,
                "gather" => {}
                _ => self.act(&line.words),
            }
            if self.answered {
                return Action::Pause;
            }
        }
        action
    }

    fn in_response(&self) -> bool {
        self.phase.starts_with("response")
    }

    fn act(&mut self, words: &[String]) {
        let word = |at: usize| words.get(at).map(String::as_str).unwrap_or("");
        match word(0) {
            "add" if self.in_response() => self.add_http_response_header(word(1), word(2)),
            "add" => self.add_http_request_header(word(1), word(2)),
            "replace" => self.replace(word(1), Some(word(2))),
            "remove" => self.replace(word(1), None),
            "only" => self.only(word(1)),
            "copy" => {
                let value = self.header(word(1)).unwrap_or_else(|| "none".to_string());
                self.replace(word(2), Some(&value));
            }
            "count" => {
                let count = if self.in_response() {
                    self.get_http_response_headers().len()
                } else {
                    self.get_http_request_headers().len()
                };
                self.replace(word(1), Some(if count > 2 { "many" } else { "few" }));
            }
            "body" => self.set_body(0, usize::MAX >> 1, word(1)),
            "prepend" => self.set_body(0, 0, word(1)),
            "append" => self.set_body(self.size, 0, word(1)),
            "cut" => self.set_body(word(1).parse().unwrap(), word(2).parse().unwrap(), word(3)),
            "upper" => {
                let size = self.size;
                let body = if self.in_response() {
                    self.get_http_response_body(0, size)
                } else {
                    self.get_http_request_body(0, size)
                };
                let text = String::from_utf8_lossy(&body.unwrap_or_default()).to_uppercase();
                self.set_body(0, size, &text);
            }
            "local" => {
                let status = word(1).parse().unwrap();
                self.send_http_response(status, vec![("x-local", "yes")], Some(word(2).as_bytes()));
                self.answered = true;
            }
            "call" => {
                let headers = vec![(":method", "GET"), (":path", word(2)), (":authority", "callout")];
                let sent = self.dispatch_http_call(word(1), headers, None, vec![], Duration::from_secs(5));
                if sent.is_err() {
                    self.replace("x-call", Some("refused"));
                }
            }
            "property" => {
                let path: Vec<&str> = word(1).split('.').collect();
                let value = self.get_property(path);
                let text = match value {
                    Some(bytes) if word(3) == "number" && bytes.len() == 8 => {
                        i64::from_le_bytes(bytes[..].try_into().unwrap()).to_string()
                    }
                    Some(bytes) if word(3) == "truth" => format!("{:?}", bytes),
                    Some(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                    None => "none".to_string(),
                };
                self.replace(word(2), Some(&text));
            }
            "set_property" => self.set_property(vec![word(1)], Some(word(2).as_bytes())),
            "shared" => {
                let (_, cas) = self.get_shared_data(word(1));
                let stored = self.set_shared_data(word(1), Some(word(2).as_bytes()), cas);
                let (value, _) = self.get_shared_data(word(1));
                let text = String::from_utf8_lossy(&value.unwrap_or_default()).into_owned();
                self.replace("x-shared", Some(if stored.is_ok() { &text } else { "refused" }));
            }
            "resume" if word(1) == "response" => self.resume_http_response(),
            "resume" => self.resume_http_request(),
            _ => {}
        }
    }

    fn header(&self, name: &str) -> Option<String> {
        if self.in_response() {
            self.get_http_response_header(name)
        } else {
            self.get_http_request_header(name)
        }
    }

    fn replace(&self, name: &str, value: Option<&str>) {
        if self.in_response() {
            self.set_http_response_header(name, value);
        } else {
            self.set_http_request_header(name, value);
        }
    }

    // Sets the whole map: the fields that HTTP needs, and one more.
    fn only(&self, name: &str) {
        let all = if self.in_response() {
            self.get_http_response_headers()
        } else {
            self.get_http_request_headers()
        };
        let mut kept: Vec<(&str, &str)> = all
            .iter()
            .filter(|(key, _)| key.starts_with(':') || key == "content-length")
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        kept.push((name, "only"));
        if self.in_response() {
            self.set_http_response_headers(kept);
        } else {
            self.set_http_request_headers(kept);
        }
    }

    fn set_body(&self, start: usize, size: usize, text: &str) {
        if self.in_response() {
            self.set_http_response_body(start, size, text.as_bytes());
        } else {
            self.set_http_request_body(start, size, text.as_bytes());
        }
    }
}

impl Context for Exchange {
    fn on_http_call_response(&mut self, _call: u32, headers: usize, body_size: usize, _trailers: usize) {
        let body = self.get_http_call_response_body(0, body_size).unwrap_or_default();
        let body = String::from_utf8_lossy(&body).into_owned();
        let text = if headers == 0 { "failed" } else { body.as_str() };
        let script = self.script.clone();
        for line in script.iter() {
            if line.scenario != self.scenario || line.phase != "reply" || self.answered {
                continue;
            }
            match line.words[0].as_str() {
                "take" => self.replace(&line.words[1], Some(text)),
                _ => self.act(&line.words),
            }
        }
    }
}

impl HttpContext for Exchange {
    fn on_http_request_headers(&mut self, _count: usize, end: bool) -> Action {
        self.scenario = self.get_http_request_header("x-scenario").unwrap_or_default();
        self.run("request_headers", 0, end)
    }
    fn on_http_request_body(&mut self, size: usize, end: bool) -> Action {
        self.run("request_body", size, end)
    }
    fn on_http_response_headers(&mut self, _count: usize, end: bool) -> Action {
        self.run("response_headers", 0, end)
    }
    fn on_http_response_body(&mut self, size: usize, end: bool) -> Action {
        self.run("response_body", size, end)
    }
}
