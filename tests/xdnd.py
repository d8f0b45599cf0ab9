#!/usr/bin/env python3
"""Drags files onto a window of another program, as a file manager does (XDND 5).

    tests/xdnd.py WINDOW FILE...

Needs python3-xlib. Ends with 0 once the window has said that it took them.
"""

import pathlib
import select
import sys
import time

from Xlib import X, Xatom, display
from Xlib.protocol import event

VERSION = 5
PATIENCE_SECS = 20


def main():
    target_id, files = int(sys.argv[1], 0), sys.argv[2:]
    uris = "".join(pathlib.Path(file).resolve().as_uri() + "\r\n" for file in files).encode()
    connection = display.Display()
    atom = connection.intern_atom
    root = connection.screen().root
    target = connection.create_resource_object("window", target_id)
    if target.get_full_property(atom("XdndAware"), X.AnyPropertyType) is None:
        sys.exit(f"window {target_id} takes no drops")
    source = root.create_window(-10, -10, 1, 1, 0, X.CopyFromParent)
    selection, kind = atom("XdndSelection"), atom("text/uri-list")
    source.set_selection_owner(selection, X.CurrentTime)

    place = target.query_pointer()
    size = target.get_geometry()
    left, top = place.root_x - place.win_x, place.root_y - place.win_y
    middle = (left + size.width // 2) << 16 | (top + size.height // 2)

    def tell(name, *numbers):
        data = (32, ([source.id, *numbers] + [0] * 5)[:5])
        message = event.ClientMessage(window=target, client_type=atom(name), data=data)
        target.send_event(message, event_mask=0)
        connection.flush()

    def answer(request):
        if request.target == kind:
            request.requestor.change_property(request.property, kind, 8, uris)
        elif request.target == atom("TARGETS"):
            request.requestor.change_property(request.property, Xatom.ATOM, 32, [kind])
        notify = event.SelectionNotify(
            time=request.time,
            requestor=request.requestor,
            selection=request.selection,
            target=request.target,
            property=request.property,
        )
        request.requestor.send_event(notify, event_mask=0)
        connection.flush()

    def wait_for(name):
        deadline = time.monotonic() + PATIENCE_SECS
        while time.monotonic() < deadline:
            if not connection.pending_events():
                select.select([connection], [], [], 0.1)
                continue
            happened = connection.next_event()
            if happened.type == X.SelectionRequest:
                answer(happened)
            elif happened.type == X.ClientMessage and happened.client_type == atom(name):
                return happened.data[1]
        sys.exit(f"no {name} came")

    tell("XdndEnter", VERSION << 24, kind)
    tell("XdndPosition", 0, middle, X.CurrentTime, atom("XdndActionCopy"))
    status = wait_for("XdndStatus")
    if not status[1] & 1:
        sys.exit("the window does not want the files")
    tell("XdndDrop", 0, X.CurrentTime)
    wait_for("XdndFinished")


main()
