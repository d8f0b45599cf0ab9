"""OpenAI's own Python client against a gateway: `python3 openai_client.py BASE_URL`.

Proves that the demo gateway speaks the API as its makers read it. Run by `openai_client.rs`, which skips it where
python3 or the package `openai` is missing. Prints one line a check; a failed check raises.
"""

import base64
import io
import struct
import sys
import zlib

import openai

SIZE = "1024x640"
PNG = b"\x89PNG\r\n\x1a\n"


def client(base_url, key="any", fault=None):
    headers = {"x-demo-fault": fault} if fault else None
    return openai.OpenAI(base_url=base_url, api_key=key, default_headers=headers, max_retries=0, timeout=60)


def png(width, height, alpha):
    """A grey PNG whose left half has alpha 255 and whose right half has `alpha`."""
    row = b"\0" + b"\x80\x80\x80\xff" * (width // 2) + bytes([128, 128, 128, alpha]) * (width - width // 2)

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return PNG + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(row * height)) + chunk(b"IEND", b"")


def upload(name, content):
    file = io.BytesIO(content)
    file.name = name
    return file


def check_png(text):
    assert base64.b64decode(text, validate=True).startswith(PNG)


def raises(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


def generate(base_url):
    answer = client(base_url).images.generate(model="gpt-image-2", prompt="a red fox", size=SIZE, n=2, quality="low")
    assert len(answer.data) == 2
    for image in answer.data:
        check_png(image.b64_json)
    assert answer.size == SIZE and answer.quality == "low" and answer.output_format == "png"
    assert answer.background == "opaque" and answer.created > 0
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens
    assert answer._request_id.startswith("req_")


def generate_stream(base_url):
    stream = client(base_url).images.generate(
        model="gpt-image-2", prompt="a red fox", size=SIZE, stream=True, partial_images=2
    )
    events = list(stream)
    types = [event.type for event in events]
    assert types == ["image_generation.partial_image"] * 2 + ["image_generation.completed"], types
    assert [event.partial_image_index for event in events[:2]] == [0, 1]
    for event in events:
        check_png(event.b64_json)
    assert events[2].usage.total_tokens > 0


def edit(base_url):
    image, mask = png(1024, 640, 255), png(1024, 640, 0)
    answer = client(base_url).images.edit(
        model="gpt-image-2", prompt="a red fox", image=upload("a.png", image), mask=upload("m.png", mask), size=SIZE
    )
    check_png(answer.data[0].b64_json)
    stream = client(base_url).images.edit(
        model="gpt-image-2",
        prompt="a red fox",
        image=[upload("a.png", image), upload("b.png", image)],
        size=SIZE,
        stream=True,
        partial_images=1,
    )
    types = [event.type for event in stream]
    assert types == ["image_edit.partial_image", "image_edit.completed"], types


def respond(base_url, **options):
    tool = {"type": "image_generation", "model": "gpt-image-2", "size": SIZE, "partial_images": 2}
    return client(base_url, **options).responses.create(
        model="gpt-5.5", input="a red fox", tools=[tool], tool_choice={"type": "image_generation"}, stream=True
    )


def responses_stream(base_url):
    events = list(respond(base_url))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    previews = [e for e in events if e.type == "response.image_generation_call.partial_image"]
    assert [event.partial_image_index for event in previews] == [0, 1]
    for event in previews:
        check_png(event.partial_image_b64)
    (item,) = [e.item for e in events if e.type == "response.output_item.done"]
    assert item.type == "image_generation_call" and item.status == "completed"
    check_png(item.result)
    assert events[-1].type == "response.completed"
    response = events[-1].response
    assert response.status == "completed" and response.output[0].result == item.result
    assert response.usage.total_tokens > 0


def responses_words(base_url):
    response = list(respond(base_url, fault="text"))[-1].response
    assert response.output_text.startswith("I'd be happy to help")


def errors(base_url):
    def generate_with(size=SIZE, **options):
        client(base_url, **options).images.generate(model="gpt-image-2", prompt="a red fox", size=size)

    error = raises(openai.AuthenticationError, lambda: generate_with(key="bad-key"))
    assert error.code == "invalid_api_key" and error.request_id.startswith("req_")
    error = raises(openai.BadRequestError, lambda: generate_with(size="1920x1080"))
    assert error.param == "size" and error.code == "invalid_value"
    error = raises(openai.BadRequestError, lambda: generate_with(fault="moderation-input"))
    assert error.code == "moderation_blocked" and error.type == "image_generation_user_error"
    error = raises(openai.RateLimitError, lambda: generate_with(fault="429"))
    assert error.response.headers["retry-after"] == "1"
    raises(openai.InternalServerError, lambda: generate_with(fault="524"))
    error = raises(openai.APIError, lambda: list(respond(base_url, fault="moderation-output")))
    assert error.code == "moderation_blocked"
    last = list(respond(base_url, fault="failed"))[-1]
    assert last.type == "response.failed" and last.response.error.code == "server_error"


def models(base_url):
    assert "gpt-image-2" in [model.id for model in client(base_url).models.list()]


def main():
    base_url = sys.argv[1]
    for check in [generate, generate_stream, edit, responses_stream, responses_words, errors, models]:
        check(base_url)
        print(f"{check.__name__}: ok")


if __name__ == "__main__":
    main()
