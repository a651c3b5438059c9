#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/embed/: what other implementations make of the texts below, for the tests of src/embed.

    python tools/make_embedding_reference.py FOLDER-OF-MODELS tests/golden/embed

Needs the Python packages tokenizers, onnxruntime, onnx and numpy. bge-*.json hold the tokens of each text (by `tokenizers`)
and the vectors of some (by ONNX Runtime, one text at a time, the state of the first token, normalised). tiny/ is a whole
model of random weights in float, in both formats that the embedder reads, and tiny.json its vectors.
"""
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, normalizers

TOKENS_MAX = 512
LONG = "The quick brown fox jumps over the lazy dog, again and again. "
ENGLISH = [
    "What is the capital of France?", "How do I reset my password?", "hi", "Translate 'good morning' into Spanish.",
    "Explain the difference between TCP and UDP in two sentences, please.", "3.14159 * 2 == 6.28318",
    "Why does my C++ program crash with a segmentation fault when I dereference a null pointer?",
    "def f(x):\n    return x**2  # squares\n", LONG * 8, LONG * 80,
    # From here on, tokens only.
    "", " ", "naïve café résumé ÀÉÎÕÜ", "don't can't won't", "a-b_c.d,e;f", "UPPER lower MiXeD", "tab\tand\r\nnewline",
    "zero\u200bwidth\u00adsoft", "\u3000ideographic\u00a0blank", "supercalifragilisticexpialidocious",
    "x" * 100, "x" * 101, "Straße İstanbul ŞİŞLİ", "e\u0301 combining", "$100 = 90€ or £80 ±5%", "“quotes” – dashes — …",
    "你好 world", "日本語のテキスト", "한국어 문장", "Привет, как дела?", "Γειά σου Κόσμε", "שלום עולם", "مرحبا بالعالم", "नमस्ते दुनिया",
    "สวัสดีชาวโลก", "😀 emoji 👩‍👩‍👧", "\x00null\x07bell\ufffdbad", "ﬁ ligature ½ ² Ⅻ", "ａｂｃ １２３ fullwidth", "##ing ## # [UNK]",
    "\U0002b920\U0002a6df豈 ideographs", "ΑΣ ΣΑΣ", "ǅ ǆ Ǆ", "가각힣", "\u0344\u0958\U0001d160",
]
CHINESE = [
    "法国的首都是哪里？", "怎么重置我的密码？", "你好", "请把“早上好”翻译成英文。", "用Python写一个快速排序算法", "TCP和UDP有什么区别？",
    "今天北京的天气怎么样，需要带伞吗？", "2024年3月15日是星期几", "人工智能正在改变我们的生活和工作方式。" * 8,
    "人工智能正在改变我们的生活和工作方式。" * 40,
    # From here on, tokens only.
    "", "SQL 和 NoSQL 数据库", "価格は¥1,000です", "繁體中文測試", "㐂𠮷 rare", "ＡＢＣ１２３，。！？", "naïve café", "标点：、；“”《》（）——……",
    "한국어", "Привет", "😀表情", "C++ 与 C# 的区别",
]
VECTORS = 10


def forward(session: onnxruntime.InferenceSession, ids: list[int]) -> list[float]:
    one = np.array([ids], dtype=np.int64)
    given = {"input_ids": one, "attention_mask": np.ones_like(one), "token_type_ids": np.zeros_like(one)}
    first = session.run(None, {each.name: given[each.name] for each in session.get_inputs()})[0][0][0]
    return [round(float(x), 5) for x in first / np.linalg.norm(first)]


def write_lines(path: Path, cases: list[dict]) -> None:
    path.write_text("[\n" + ",\n".join(json.dumps(case, ensure_ascii=True) for case in cases) + "\n]\n")


def write_published(models: Path, name: str, texts: list[str], to: Path) -> None:
    tokenizer = Tokenizer.from_file(str(models / f"{name}-q" / "tokenizer.json"))
    # Text is lowered for every vocabulary without capitals, which the Chinese file forgets to say.
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.encode_special_tokens = True
    tokenizer.enable_truncation(TOKENS_MAX)
    session = onnxruntime.InferenceSession(str(models / f"{name}-q" / "model.onnx"))
    cases = []
    for index, text in enumerate(texts):
        case = {"text": text, "ids": tokenizer.encode(text).ids}
        if index < VECTORS:
            case["vector"] = forward(session, case["ids"])
        cases.append(case)
    write_lines(to / f"{name}.json", cases)


class Tiny:
    """A BERT of two layers, made of random numbers."""
    hidden, heads, layers, inner, positions = 32, 4, 2, 64, 24
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz", *[f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz"]]

    def __init__(self) -> None:
        random = np.random.default_rng(7)
        self.weights: dict[str, np.ndarray] = {}

        def put(name: str, *shape: int, scale: float, middle: float = 0.0) -> None:
            self.weights[name] = (random.standard_normal(shape) * scale + middle).astype(np.float32)

        def norm(name: str) -> None:
            put(f"{name}.weight", self.hidden, scale=0.1, middle=1)
            put(f"{name}.bias", self.hidden, scale=0.1)

        def linear(name: str, outputs: int, inputs: int) -> None:
            put(f"{name}.weight", outputs, inputs, scale=0.3)
            put(f"{name}.bias", outputs, scale=0.1)

        for kind, rows in (("word", len(self.words)), ("position", self.positions), ("token_type", 2)):
            put(f"embeddings.{kind}_embeddings.weight", rows, self.hidden, scale=0.5)
        norm("embeddings.LayerNorm")
        for layer in range(self.layers):
            at = f"encoder.layer.{layer}"
            for name in ("query", "key", "value"):
                linear(f"{at}.attention.self.{name}", self.hidden, self.hidden)
            linear(f"{at}.attention.output.dense", self.hidden, self.hidden)
            norm(f"{at}.attention.output.LayerNorm")
            linear(f"{at}.intermediate.dense", self.inner, self.hidden)
            linear(f"{at}.output.dense", self.hidden, self.inner)
            norm(f"{at}.output.LayerNorm")

    def tokenizer(self) -> dict:
        special = [{"SpecialToken": {"id": name, "type_id": 0}} for name in ("[CLS]", "[SEP]")]
        return {
            "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                           "strip_accents": None, "lowercase": True},
            "pre_tokenizer": {"type": "BertPreTokenizer"},
            "post_processor": {"type": "TemplateProcessing",
                               "single": [special[0], {"Sequence": {"id": "A", "type_id": 0}}, special[1]], "pair": [],
                               "special_tokens": {}},
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                      "max_input_chars_per_word": 100, "vocab": {word: i for i, word in enumerate(self.words)}},
        }

    def config(self) -> dict:
        return {"model_type": "bert", "hidden_size": self.hidden, "num_attention_heads": self.heads,
                "num_hidden_layers": self.layers, "intermediate_size": self.inner, "hidden_act": "gelu",
                "max_position_embeddings": self.positions, "layer_norm_eps": 1e-12}

    def safetensors(self) -> bytes:
        header, data = {}, b""
        for name, values in self.weights.items():
            header[name] = {"dtype": "F32", "shape": list(values.shape),
                            "data_offsets": [len(data), len(data) + values.nbytes]}
            data += values.tobytes()
        text = json.dumps(header).encode()
        return len(text).to_bytes(8, "little") + text + data

    def graph(self) -> onnx.ModelProto:
        """As the usual exporter writes it: biases keep their names, matrices are turned over and lose theirs."""
        nodes, constants = [], {}

        def constant(name: str, values: np.ndarray) -> str:
            constants[name] = values
            return name

        def weight(name: str) -> str:
            return constant(name, self.weights[name])

        def add(kind: str, *inputs: str, **attributes: object) -> str:
            output = f"{kind}_{len(nodes)}"
            nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
            return output

        def linear(name: str, given: str) -> str:
            matrix = constant(f"onnx::MatMul_{len(nodes)}", np.ascontiguousarray(self.weights[f"{name}.weight"].T))
            return add("Add", weight(f"{name}.bias"), add("MatMul", given, matrix))

        def norm(name: str, given: str) -> str:
            return add("LayerNormalization", given, weight(f"{name}.weight"), weight(f"{name}.bias"), axis=-1,
                       epsilon=1e-12)

        def split(given: str) -> str:
            shape = constant(f"heads_{len(nodes)}", np.array([0, 0, self.heads, self.hidden // self.heads]))
            return add("Transpose", add("Reshape", given, shape), perm=[0, 2, 1, 3])

        words = add("Gather", weight("embeddings.word_embeddings.weight"), "input_ids")
        kinds = add("Gather", weight("embeddings.token_type_embeddings.weight"), "token_type_ids")
        length = add("Gather", add("Shape", "input_ids"), constant("one", np.array([1])))
        places = add("Slice", weight("embeddings.position_embeddings.weight"), constant("zero", np.array([0])), length)
        state = norm("embeddings.LayerNorm", add("Add", add("Add", words, kinds), places))
        for layer in range(self.layers):
            at = f"encoder.layer.{layer}"
            query, key, value = (split(linear(f"{at}.attention.self.{name}", state)) for name in ("query", "key", "value"))
            scores = add("Div", add("MatMul", query, add("Transpose", key, perm=[0, 1, 3, 2])),
                         constant(f"root_{layer}", np.array(np.sqrt(self.hidden / self.heads), dtype=np.float32)))
            mixed = add("Transpose", add("MatMul", add("Softmax", scores, axis=-1), value), perm=[0, 2, 1, 3])
            joined = add("Reshape", mixed, constant(f"whole_{layer}", np.array([0, 0, self.hidden])))
            state = norm(f"{at}.attention.output.LayerNorm", add("Add", linear(f"{at}.attention.output.dense", joined), state))
            inner = linear(f"{at}.intermediate.dense", state)
            bell = add("Add", add("Erf", add("Div", inner, constant(f"two_{layer}", np.array(np.sqrt(2), dtype=np.float32)))),
                       constant(f"unit_{layer}", np.array(1, dtype=np.float32)))
            gelu = add("Mul", add("Mul", inner, bell), constant(f"half_{layer}", np.array(0.5, dtype=np.float32)))
            state = norm(f"{at}.output.LayerNorm", add("Add", linear(f"{at}.output.dense", gelu), state))
        nodes[-1].output[0] = "last_hidden_state"
        shape = ["batch", "length"]
        inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, shape)
                  for name in ("input_ids", "attention_mask", "token_type_ids")]
        outputs = [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [*shape, self.hidden])]
        initial = [numpy_helper.from_array(values, name) for name, values in constants.items()]
        return helper.make_model(helper.make_graph(nodes, "tiny", inputs, outputs, initial), ir_version=8,
                                 opset_imports=[helper.make_opsetid("", 17)])

    def write(self, to: Path) -> None:
        folder = to / "tiny"
        folder.mkdir(exist_ok=True)
        (folder / "tokenizer.json").write_text(json.dumps(self.tokenizer()) + "\n")
        (folder / "config.json").write_text(json.dumps(self.config()) + "\n")
        (folder / "model.safetensors").write_bytes(self.safetensors())
        model = self.graph()
        (folder / "model.onnx").write_bytes(model.SerializeToString())
        session = onnxruntime.InferenceSession(model.SerializeToString())
        cases = []
        for text in ("mynah", "a bird that repeats", "z"):
            ids = [2]
            for word in text.split():
                ids += [self.words.index(c if i == 0 else f"##{c}") for i, c in enumerate(word)]
            ids.append(3)
            cases.append({"text": text, "ids": ids, "vector": forward(session, ids)})
        write_lines(to / "tiny.json", cases)


def main() -> None:
    models, to = Path(sys.argv[1]), Path(sys.argv[2])
    write_published(models, "bge-small-en-v1.5", ENGLISH, to)
    write_published(models, "bge-small-zh-v1.5", CHINESE, to)
    Tiny().write(to)


if __name__ == "__main__":
    main()
