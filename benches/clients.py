#!/usr/bin/env python3
"""How such a client is commonly written in Python: the openai package and Pillow.

`clients.py URL JOBS` runs JOBS requests at once and prints a JSON line for each: when its picture was decoded
(nanoseconds since 1970) and its size.
"""
import base64
import io
import json
import sys
import threading
import time

import openai
from PIL import Image

Image.MAX_IMAGE_PIXELS = None


def job(url):
    client = openai.OpenAI(base_url=url, api_key="demo", max_retries=0)
    stream = client.responses.create(model="m", input="a fox", stream=True, tools=[{"type": "image_generation"}])
    line = None
    for event in stream:
        if event.type == "response.output_item.done" and line is None:
            picture = Image.open(io.BytesIO(base64.b64decode(event.item.result)))
            picture.load()
            pixels = picture.convert("RGBA")
            line = {"decoded_ns": time.time_ns(), "width": pixels.width, "height": pixels.height}
    print(json.dumps(line), flush=True)


def main():
    url, jobs = sys.argv[1], int(sys.argv[2])
    threads = [threading.Thread(target=job, args=(url,)) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
