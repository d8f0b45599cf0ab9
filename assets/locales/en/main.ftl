# Atelier in English. Each message has its twin in ../zh-CN/main.ftl; tests/locales.rs compares them.

## The window

app-name = Atelier
app-name-other = 画室
tab-create = Create
tab-gallery = Gallery
running-count = { $count ->
    [one] { $count } running
   *[other] { $count } running
  }
queued-count = { $count } waiting
# Switches to the other language, so it is written in that language.
language-switch = 中文
language-switch-name = Switch to Chinese
theme-to-dark = Dark theme
theme-to-light = Light theme
start-failed = The library can't be opened
start-again = Try again
start-busy = Another program is busy with the library.
start-busy-advice = Wait until it has finished, or close it, and try again.
start-denied = Atelier may not read or write here.
start-denied-advice = Give yourself the right to it, or make the disk writable, and try again.
start-missing = The folder of the library is not there.
start-missing-advice = Connect its disk, or put the folder back, and try again.
start-full = The disk is full.
start-full-advice = Free some space and try again. Nothing is lost.
start-newer = A newer version of Atelier has written this library.
start-newer-advice = Use the newer version. Nothing was changed.
start-damaged = The index of the library is damaged.
start-damaged-advice = Move the index file away and try again: it is made again from your pictures.
start-other = Something unexpected is in the way.
start-other-advice = Try again. If it stays, the line below helps whoever you ask.
close = Close
copied = Copied
resize-making = Width of the prompt panel
resize-details = Width of the details panel
resize-gateways = Width of the gateway list

## Actions with a key

generate = Generate
action-cancel = Cancel the job
action-focus-prompt = Write the prompt
action-pick-references = Pick reference files
action-show-create = Go to Create
action-show-gallery = Go to the gallery
action-show-gateways = Go to the gateways
action-undo = Undo deleting
action-gateways = Choose the gateway
action-settings = Settings
action-toggle-language = Switch the language
action-toggle-theme = Light or dark
action-back = Back

## Prompt

prompt = Prompt
prompt-hint = Describe the picture you want to see
prompt-count = { $count } / { $most }

## Composing

blocked-variables = { $count ->
    [one] Fill in the variable first.
   *[other] Fill in { $count } variables first.
}
prompt-words = { $words } { $count ->
    [one] word
   *[other] words
} · { $chars } characters
prompt-slash-hint = Type / for templates
prompt-rows = Open as a batch of { $count }
prompt-preview = The prompt as it is sent
syntax-unclosed = A brace is not closed; it is sent as text.
syntax-unopened = A brace closes nothing; it is sent as text.
syntax-unnamed = A variable has no name.
syntax-too-deep = Alternatives are nested too deep.
variables = Variables
variables-reset = Back to the defaults
past-prompts = Earlier prompts
past-prompts-search = Search earlier prompts
past-prompts-none = No earlier prompt matches.
templates = Templates
templates-search = Search templates
templates-none = No template fits.
templates-choose = Choose a template to see its text.
templates-import = Import templates
templates-export = Export your templates
templates-favourites = Favourites
templates-added = { $count ->
    [one] One template was added.
   *[other] { $count } templates were added.
}
templates-left-out = { $count ->
    [one] One entry was left out: it has no text, or too much.
   *[other] { $count } entries were left out: they have no text, or too much.
}
templates-written = { $count ->
    [one] One template was written to { $path }
   *[other] { $count } templates were written to { $path }
}
templates-unreadable = The templates can't be read: { $reason }
template-new = New from the prompt
template-use = Use
template-favourite = Make it a favourite
template-no-favourite = No favourite any longer
template-copy = Make a copy of your own
template-edit = Edit the template
template-delete = Delete the template
template-own = Your own
template-snippet = Snippet
template-title = Title
template-folder = Folder
template-shape = Shape
template-text = Text
template-text-hint = Write { "{{name}}" } for a variable, { "{a|b}" } for alternatives
template-is-snippet = A snippet: put in at the cursor
template-keep = Save the template
template-ratio = Use { $ratio }
shelf-unreadable = Your templates could not be read. The file is kept as { $path }
draft-unreadable = The draft could not be read. It is kept as { $path }
compose-disk = Something could not be stored or read: { $reason }
sheet-encoding = The table is neither UTF-8 nor GB 18030. Save it as «CSV UTF-8» and choose it again.
sheet-too-large = The table is larger than 8 MiB.
sheet-too-many = The table has more than { $most } rows.
sheet-empty = The table has no rows below the names of its columns.
sheet-broken = The table is broken in line { $line }: look for a quote that is not closed.
folder-empty = There is no picture in { $path }
back-to-canvas = Back to the canvas
batch = Batch
batch-title = { $count ->
    [one] Batch: one row
   *[other] Batch: { $count } rows
}
batch-empty = No rows. Write { "{a|b}" } or { "{{variable}}" } into the prompt, or choose a table.
batch-sheet = Table (CSV)
batch-sheet-drop = Take the table away
batch-folder = Folder of references
batch-folder-drop = Take the folder away
batch-combine = How values are combined
batch-cross = All combinations
batch-row-by-row = Row by row
batch-names = Names of the results
batch-names-hint = { "{index}" }, { "{slug}" }, { "{reference}" } and the names of variables are filled in.
batch-too-many = That would be { $rows } rows. At most { $most } can be sent at once: leave alternatives out, or go row by row.
batch-uneven = Row by row there are { $shortest } rows, as many as the shortest list has values; the longest has { $longest }, and the rest is left out.
batch-incomplete = { $count ->
        [one] One row waits for a value: { $names }
       *[other] { $count } rows wait for a value: { $names }
    }
batch-one = Write { "{red|blue}" } or { "{{variable}}" } into the prompt, or choose a table or a folder: each combination becomes a row.
batch-progress = { $done } done, { $active } at work, { $failed } failed
batch-send = { $count ->
    [0] Nothing to send
    [one] Send one row
   *[other] Send { $count } rows
}
batch-retry = { $count ->
    [one] Retry one failed row
   *[other] Retry { $count } failed rows
}
batch-cancel = Cancel all of them
batch-remake = Make the rows anew
batch-retry-charged = { $count ->
    [one] One of them may have been charged already.
   *[other] { $count } of them may have been charged already.
}
row-too-long = Too long
row-unknown = Not known
row-unknown-why = Another window may be at this row, so it is not sent again. Open the batch again to look once more.
row-missing = Not sent until there is a value for: { $names }
blocked-alternatives = The prompt makes { $count } requests. Targets are compared by one: keep one alternative, or send a batch.
blocked-no-gateway = This gateway was removed. Choose another one.
blocked-no-model = Write the name of a model.
batch-busy = The rows are at work, so the choice was not taken. Choose again once they are done.
batch-stale = The prompt has changed since these rows were made.
batch-unused = { $count ->
    [one] A column of the table is not in the prompt: { $names }
   *[other] { $count } columns of the table are not in the prompt: { $names }
}
batch-left-out = { $count ->
    [one] One more picture of the folder is left out: a batch has at most { $most } rows.
   *[other] { $count } more pictures of the folder are left out: a batch has at most { $most } rows.
}
batch-mask = The mask is not sent: it belongs to the first reference, which is another one in each row.
batch-again = Begin again
batch-row-name = Row { $number }, { $state }: { $prompt }
batch-row-prompt = Prompt of row { $number }
batch-switch = Send row { $number }
batch-row-reset = As it was made
batch-row-again = Send this row again
batch-row-show = Show it on the canvas
row-ready = Ready
row-off = Off
row-incomplete = Incomplete
row-running = At work
row-not-sent = Not sent
targets = Several targets
targets-about = Sends this prompt to two to six targets at once and shows the results side by side.
target-add = Add a target
target-gateway = Gateway of target { $number }
target-model = Model of target { $number }
target-quality = Quality of target { $number }
target-remove = Remove target { $number }
targets-send = Send to { $count } targets
side-by-side = Side by side
total-pictures = { $count ->
    [one] one picture
   *[other] { $count } pictures
}
total-minutes = about { $time } min
total-minutes-unmeasured = about { $time } min at 1 min each
total-hours = about { $time } h
total-hours-unmeasured = about { $time } h at 1 min each
total-price-unknown = price not known

## References

references = References
references-count = { $count } / { $most }
references-empty = Drop pictures here, paste with { $keys }, pick files, or press { $key } on a result
references-pick = Pick files
references-paste = Paste a picture
references-clear = Remove all
reference-name = Image { $number }: { $name }
reference-remove = Remove image { $number }
reference-first = Make it image 1
reference-loading = Reading…
reference-pasted = Pasted picture
reference-too-large = { $name } is larger than { $most }, which is too large for a reference.
reference-unreadable = { $name } can't be read as a picture.
reference-nothing-pasted = No picture came from the clipboard.
reference-empty-file = { $name } is empty: there is nothing in the file.
reference-format = { $name } is { $format }, which can't be read: save it as PNG or JPEG.
reference-cut = { $name } is incomplete: the file ends before the picture does.
reference-damaged = { $name } is damaged and can't be read.
reference-kind = { $name } is a kind of { $format } that can't be read: save it as PNG or JPEG.
reference-too-many-pixels = { $name } has { $size } pixels, which is too large for a reference.
reference-too-much-memory = { $name } takes too much memory to read: save it again as PNG or JPEG.
reference-gone = { $name } is no longer there.
reference-no-pictures = There are no pictures in the folder { $name }.
reference-denied = { $name } can't be added: { $reason }
reference-fit = Image { $number } is sent as a copy: { $what }
reference-fits-more = { $count } more are sent as copies.
reference-misfit = Image { $number } can't be sent. { $cause }
fit-turned = turned upright
fit-colors = colours converted to sRGB
fit-inks = CMYK converted to RGB
fit-animated = first picture of the animation
fit-depth = 8 bits a channel
fit-masked = PNG, as the mask is
list-comma = { ", " }
reference-keys = Alt and arrow keys move it, Delete removes it.
reference-show = Show on the canvas
reference-stop-showing = Back from the reference
reference-edit = Crop or turn
reference-earlier = Move forward
reference-later = Move back
crop-title = Part of image { $number }
crop-picture = Drag over the picture to choose a part
crop-left = From left
crop-top = From top
crop-take = Use this part
crop-whole = Whole picture
crop-outside = The part must lie inside the picture of { $size }.
crop-result = { $degrees }°, { $size }
turn-left = Turn to the left
turn-right = Turn to the right
toast-reference-twice = { $name } is the same picture as image { $number }, so it was not added.
note-shrunk = The gateway found the references too large; smaller copies were sent: { $change }.
drop-here = Drop to add as references

## Parameters

size = Size
size-auto = Auto
size-preset = Presets
size-free = Custom
size-auto-hint = The model chooses a size that suits the prompt.
size-none-offered = No preset sizes are known for this model.
size-swap = Swap width and height
size-width = Width
size-height = Height
size-unpublished = Outside the published sizes; this gateway may refuse or shrink it.
size-of-reference = As the first reference: { $size }
size-use = Made for
size-use-none = Choose a use
size-tier = Resolution
use-note = RedNote cover
use-short-video = TikTok, story
use-article = WeChat cover
use-product = Shop product
use-video = Video, slide
use-post = Instagram post
use-poster = Poster, book
use-phone = Phone wallpaper
use-a4 = A4 page
use-photo = Photo
use-banner = Banner
size-use-nearest = Use { $size }
size-not-a-number = Width and height are whole numbers of pixels.
size-not-multiple = Width and height must be multiples of { $multiple }.
size-too-long = The longest side may have { $most } px.
size-too-narrow = One side may be { $most } times the other at most.
size-too-small = The picture needs at least { $least } MP.
size-too-large = The picture may have { $most } MP at most.
quality = Quality
quality-auto = Auto
quality-low = Low
quality-medium = Medium
quality-high = High
format = Format
count = Pictures
count-less = Fewer pictures
count-more = More pictures
previews = Previews
advanced = Advanced
background = Background
background-auto = Auto
background-opaque = Opaque
background-transparent = Clear
compression = Compression
compression-hint = 100 keeps the most detail. Only JPEG and WebP are compressed.
moderation = Moderation
moderation-auto = Auto
moderation-low = Low

## Generate

finding-resolution-word = “{ $word }” in the prompt does not raise the resolution. Choose the size below.
finding-no-references = This gateway takes no references.
finding-format = This model does not deliver { $format }.
finding-transparency-refused = This model makes no transparent backgrounds.
finding-transparency-on-trial = Transparent backgrounds are on trial; the gateway may refuse or ignore them.
finding-compression = PNG has no compression setting; { $value } is not sent.
findings-more = { $count } more
findings-fewer = Show fewer
fix-remove = Remove it
fix-no-references = Remove the references
fix-keep-references = Keep the first { $most }
fix-background-auto = Leave the background to the model
fix-background-opaque = Use an opaque background
fix-no-compression = Clear the compression
blocked-starting = Opening the library…
blocked-prompt = Write a prompt first.
blocked-prompt-long = The prompt has { $count } characters; { $most } is the limit.
blocked-references-loading = References are still being read…
blocked-mask = The mask can't be used. Remove it, or paint it again.
blocked-reference = Image { $number } can't be sent.
fill-in = Fill in
blocked-references-many = This gateway takes { $most } references; there are { $used }.
blocked-transparent-jpeg = JPEG can't be transparent. Use PNG or WebP.
blocked-address = This gateway has no address yet.
blocked-key = This gateway needs a key.
set-up = Set up
cancel = Cancel

## Jobs

stage-queued = Waiting
stage-queued-place = Waiting, number { $place } in line
stage-held = Waiting { $time } for the gateway
stage-connecting = Connecting
stage-connecting-to = Connecting to { $host }
stage-sent = Sent
stage-accepted = Accepted
stage-preview = Preview { $number }
stage-preview-of = Preview { $number } of { $most }
stage-receiving = Receiving { $bytes }
stage-receiving-percent = Receiving { $percent } %
stage-receiving-of = Receiving { $percent } % of { $bytes }
stage-fetching = Fetching from { $host }
stage-saving = Saving
stage-waiting = Trying again in { $time }
stage-attempt = Attempt { $attempt }
line-silent = Nothing has come for { $seconds } s
line-keep-alive = Only keep-alives for { $seconds } s
line-expires = The link at { $host } works for another { $time }
line-expired = The link at { $host } has expired
note-switched = Went to { $to }, because { $from } could not be reached
note-dropped = Left out: { $name } (the gateway does not know it)
note-not-protected = The original could not be put back outside the mask: the result has { $result } px, the original { $original }

## Masks

mask-paint = Paint mask
mask-edit = Edit mask
mask-edit-result = Edit mask
mask = Mask
mask-storing = Storing…
mask-share = { $percent } % may change
mask-attached = Mask attached
mask-remove = Remove the mask
mask-protect = Protect outside
mask-protect-hint = Puts the original back outside the mask once the result is here. The result as it came is kept beside it.
mask-not-first = The mask is for another picture. A mask applies to the first reference only.
mask-make-first = Make it the first
mask-size-hint = Only a result of { $size } px can be protected exactly.
mask-use-size = Use { $size }
mask-brush = Brush
mask-eraser = Eraser
mask-rectangle = Rectangle
mask-ellipse = Ellipse
mask-lasso = Lasso
mask-fill = Fill a region
mask-size = Size
mask-hardness = Hardness
mask-pixels = { $count } px
mask-px = px
mask-mode = What shapes do
mask-add = May change
mask-subtract = Stays
mask-undo = Undo
mask-redo = Redo
mask-invert = Invert
mask-fill-all = Fill all
mask-clear = Clear
mask-edge = Edge
mask-edge-px = Edge, pixels
mask-grow = Grow
mask-shrink = Shrink
mask-feather = Feather
mask-overlay = Overlay
mask-red = Red
mask-green = Green
mask-blue = Blue
mask-yellow = Yellow
mask-opacity = Opacity
mask-numbers = Shape by numbers
mask-left = Left
mask-top = Top
mask-width = Width
mask-height = Height
mask-put-rectangle = Draw rectangle
mask-put-ellipse = Draw ellipse
mask-load = Load…
mask-load-hint = Transparent parts may change; where a file has none, the white ones.
mask-save = Save…
mask-save-hint = A PNG whose transparent part may change.
mask-scaled = The file had { $from } px and was scaled to { $to } px.
mask-shape = The file has { $mask } px, the picture { $picture } px: their shapes differ, so nothing was loaded.
mask-unreadable = The file can't be used as a mask: { $reason }
mask-not-kept = «Done» keeps the mask, «Cancel» drops what was painted.
mask-empty = The mask is empty: nothing is masked.
mask-done = Done
mask-cancel = Cancel
mask-keys = On the canvas, arrow keys move the cursor (Shift: one pixel), Enter starts and ends a stroke or shape. Space and drag moves the picture, the wheel zooms.
mask-canvas = Mask canvas
mask-canvas-state = Cursor { $x }, { $y }; { $pen }; { $percent } % may change
mask-pen-down = pen down
mask-pen-up = pen up
mask-outside = Outside the mask
drift = The model had changed { $percent } % of the pixels, by { $mean }/255 on average. The original was put back, with a soft edge of { $feather } px.
drift-none = The model changed nothing there.
drift-hint = Pixels outside the mask that are not exactly the original's, and the mean difference of red, green and blue.
drift-raw = This is the result as it came.
drift-show-raw = As delivered
drift-protect = Protect outside
drift-heat = Heat map
drift-heat-off = Show the picture
outpaint = Extend the picture
outpaint-by = Extend by
outpaint-ratio = Ratio
outpaint-sides = Sides
outpaint-right = Right
outpaint-bottom = Bottom
outpaint-place = Where the picture stands
outpaint-place-hint = Drag the picture, or move it with the arrow keys.
outpaint-frame = Frame of { $frame } px; what is around the picture may change.
outpaint-shrinks = No frame is large enough: in { $frame } px the picture shrinks from { $from } to { $to } px.
outpaint-do = Place in the frame

state-done = Saved
state-failed = Failed
state-canceled = Canceled
state-interrupted = Interrupted
job-name = { $state }: { $prompt }
image-name = Picture: { $prompt }
image-name-unknown = Picture { $id }
dismiss = Dismiss
strip-empty = Your pictures appear here.
preview-number = Preview { $number }
preview-not-final = preview, not final
preview-short = preview
final-picture = Final
newest-picture = Newest

## Canvas

canvas = Canvas
canvas-empty-title = What would you like to see?
canvas-empty-body = Write a prompt on the left and press { $keys }. The demo gateway works at once, without a key; its pictures are painted by Atelier itself.
canvas-empty-body-key = Write a prompt on the left and press { $keys }. Every preview appears here while the picture develops.
canvas-examples = Try one of these
example-1 = A red fox in fresh snow, ink wash
example-2 = Mountains above a sea of clouds at dawn
example-3 = A bowl of lemons, stained glass
canvas-waiting = The first preview will appear here.
canvas-failed = This picture can't be shown.
zoom-in = Zoom in
zoom-out = Zoom out
zoom-fit = Fit
zoom-actual = Actual size
zoom-level = { $percent } %

## Details

details = Details
details-empty = Select a picture to see how it was made.
details-selected = { $count ->
    [one] { $count } picture selected
   *[other] { $count } pictures selected
  }
details-prompt = Prompt
details-revised = Revised prompt
details-asked = Asked
details-claimed = Claimed
details-got = Got
details-size = Size
details-format = Format
details-quality = Quality
details-background = Background
details-unknown = –
mismatch-kept = You asked for { $asked } and got { $got }: kept as it came.
mismatch-claimed = The answer says { $claimed }, the file has { $got }.
details-time = Time
details-bytes = File size
details-tokens = Tokens
details-tokens-value = { $input } in · { $output } out
details-tokens-none = not reported
details-cost = Cost
# Money: in the details, beside Generate and in totals.
cost-free = free
cost-by-list = Estimated at OpenAI list price
cost-by-profile = Estimated at the prices set for this gateway
cost-on-top = Prompt and references come on top
jobs-active = { $count ->
    [one] { $count } job
   *[other] { $count } jobs
}
details-gateway = Gateway
details-host = Host
details-model = Model
details-references = References
details-request-id = Request id
details-copy-request-id = Copy the request id
details-copy-prompt = Copy the prompt
details-copy-revised = Copy the revised prompt
details-notes = Changed on the way
details-file = File
details-open-folder = Open folder
details-received = Received
use-as-reference = Use as reference
use-settings = Use settings
again = Again
delete = Delete
delete-count = Delete { $count }
open = Open

## Gallery

gallery-empty-title = Nothing here yet
gallery-empty-body = Every picture you make is kept as a plain file on your disk, and shown here.
gallery-empty-action = Make the first one
gallery-loading = Opening the library…
gallery-count = { $count ->
    [one] { $figure } picture
   *[other] { $figure } pictures
  }
gallery-grid = Pictures

## Messages

toast-deleted = { $count ->
    [one] { $count } picture moved to the trash
   *[other] { $count } pictures moved to the trash
  }
toast-undo = Undo
toast-recovered = { $count ->
    [one] { $count } picture that had arrived before Atelier ended was filed
   *[other] { $count } pictures that had arrived before Atelier ended were filed
  }
toast-saved-as = Saved as { $path }
toast-settings-unreadable = The settings could not be read, so the defaults are used. The old file is kept as { $path }
toast-models-unreadable = The file models.toml can't be read, so the built-in models are used: { $reason }
toast-secrets-left-out = Fields that look like keys or passwords were left out: { $names }
toast-key-not-kept = The key could not be stored, so it counts until Atelier closes: { $reason }
toast-gateways-unreadable = No gateway could be imported: { $reason }
toast-gateways-exported = { $count ->
    [one] One gateway was exported to { $path }, without its key.
   *[other] { $count } gateways were exported to { $path }, without their keys.
}
toast-busy = Atelier is too busy to do that now. Try again in a moment.
toast-job-warning = What came is saved. Then an error followed: { $cause }
toast-references-full = { $count ->
    [one] { $count } picture was left out: there is no room for more references.
   *[other] { $count } pictures were left out: there is no room for more references.
  }
toast-gateway-deleted = { $name } was deleted
toast-gateway-reset = { $name } is reset to its preset
toast-template-deleted = Template “{ $name }” deleted
toast-gateway-added = Gateway added
toast-gateways-imported = { $count ->
    [one] { $count } gateway was imported, without its key
   *[other] { $count } gateways were imported, without their keys
  }

## Gateways

gateway = Gateway
gateways = Gateways
gateways-manage = Manage gateways…
gateways-search = Search gateways
gateways-none-found = No gateway has this in its name.
gateways-empty-title = No gateway yet
gateways-empty-body = A gateway is where your pictures are made: an address, a key and a model.
gateways-import = Import gateways
gateways-export = Export gateways, without keys
gateway-demo = Built-in demo
gateway-custom = Other address
gateway-relay = Self-hosted relay
gateway-demo-note = Paints demo pictures on this computer. Free, without a key.
gateway-add = Add
gateway-add-more = Add gateway…
gateway-add-title = Add a gateway
gateway-add-preset = Start from a preset
gateway-add-file = From a file
gateway-preset-demo = on this computer
gateway-preset-own = your address
gateway-paste = Paste
gateway-paste-title = Paste from the documentation
gateway-paste-note = A curl command, or a link with apiUrl and apiKey in it. You see what was understood before anything is kept.
gateway-paste-field = Command or link
gateway-paste-read = Read
gateway-paste-strange = No gateway can be found in this. It needs an http or https address at least.
gateway-paste-understood = What was understood
gateway-paste-no-key = None in the text
gateway-paste-into = Update “{ $name }”
gateway-name = Name
gateway-use = Use this gateway
gateway-in-use = New pictures go here
gateway-up = Move up (Alt+↑)
gateway-down = Move down (Alt+↓)
gateway-duplicate = Duplicate
gateway-delete = Delete this gateway
gateway-test = Test
gateway-test-hint = Asks for the list of models. This costs nothing.
gateway-testing = Asking…
gateway-tested = { $host } answers in { $ms } ms · { $count ->
    [one] { $count } model
   *[other] { $count } models
  }
gateway-test-free = A test costs nothing
gateway-paused = Slowed down for { $time }, then { $count } at once
gateway-paused-short = slowed down, { $time }
seconds = { $count } s
unit-seconds = s
unit-minutes = minutes
gateway-section-address = Address
gateway-address = Base URL
gateway-address-number = Base URL { $number }
gateway-address-up = Move base URL { $number } up
gateway-address-remove = Remove base URL { $number }
gateway-address-add = Add an address
gateway-address-order = Tried in this order, and only while nothing can have reached the gateway.
gateway-address-hint = https://example.com/v1
gateway-address-wrong = This is not an http or https address.
gateway-endpoint = Requests go to { $url }
gateway-section-models = API and models
gateway-api = API
gateway-api-responses = Responses
gateway-api-images = Images
gateway-api-responses-note = A chat model calls the image model. Previews come as they are made.
gateway-api-images-note = The image model is called directly.
gateway-model = Chat model
gateway-image-model = Image model
gateway-suggestions = Suggestions: { $field }
gateway-models-test = Test the gateway to see its models.
gateway-models-named = Named by the gateway
gateway-effort = Reasoning effort
gateway-effort-off = Not sent
gateway-effort-note = The chat model's thinking costs time and money.
gateway-guard = Ask to keep the prompt as it is
gateway-guard-note = Adds a sentence to the prompt. The model may still rewrite it.
gateway-stream = Stream the answer
gateway-stream-note = Previews need it, and it keeps proxies from hanging up. Not every gateway takes it.
gateway-section-key = Key
gateway-key = API key
gateway-key-hint = Paste the key
gateway-key-keep = Save key
gateway-key-forget = Forget
gateway-key-missing = No key
gateway-key-here = Key saved
gateway-key-none = No key yet.
gateway-key-demo = The demo gateway needs no key.
gateway-key-in-store = The key is in the system's credential store.
gateway-key-in-file = The key is in a file that only you can read.
gateway-key-in-session = The key is kept until Atelier closes.
gateway-key-in-environment = The key comes from the environment variable ATELIER_API_KEY.
gateway-key-place = Store in
gateway-key-place-store = Credential store
gateway-key-place-file = Private file
gateway-key-place-session = This time only
gateway-key-store-note = Encrypted by the system, as passwords are.
gateway-key-file-note = Not encrypted. Other users of this computer can't read it.
gateway-key-session-note = In memory only. You will be asked again at the next start.
gateway-key-no-store = No credential store answers here. Choose a private file, or this time only.
gateway-section-limits = Limits
gateway-limits-summary = { $references ->
    [one] { $references } reference
   *[other] { $references } references
  }, { $bytes } each · { $parallel } at once
gateway-max-references = References
gateway-max-references-unit = at most; leave blank for the model's own limit
gateway-max-reference-bytes = Size each
gateway-sizes = Size check
gateway-sizes-strict = Strict
gateway-sizes-warn = Warn
gateway-sizes-off = Off
gateway-sizes-strict-note = Sizes that the model does not take are not sent.
gateway-sizes-warn-note = You are warned, and may still send it.
gateway-sizes-off-note = The gateway decides.
gateway-extra-sizes = Also takes
gateway-extra-sizes-hint = other sizes, such as 1920x1080
gateway-max-count = Pictures
gateway-max-count-unit = at most per request; with 1, each picture is a request of its own
gateway-url-lifetime = Links work for
gateway-max-parallel = Parallel requests
gateway-max-parallel-unit = at once
gateway-max-retries = Retries
gateway-max-retries-unit = times at most, only where nothing can have been charged
gateway-section-prices = Prices
gateway-price-rule = Billing
gateway-price-unknown = Unknown
gateway-price-list = List price
gateway-price-token = Per token
gateway-price-picture = Per picture
gateway-price-unknown-note = No cost is shown for pictures from this gateway.
gateway-currency = Currency
gateway-multiplier = Multiplier
gateway-multiplier-unit = times the model maker's list price
gateway-token-text-input = Text in
gateway-token-image-input = Pictures in
gateway-token-image-output = Pictures out
gateway-token-text-output = Text out
gateway-token-unit = per million tokens
gateway-price-line = Price { $number }
gateway-price-add = Add a price
gateway-price-remove = Remove price { $number }
gateway-price-order = The first line that matches counts.
gateway-any-size = Any size
gateway-any-quality = Any quality
gateway-failed-is-free = Failed pictures are free
gateway-failed-is-free-note = Failed requests are then retried automatically.
gateway-section-network = Network
gateway-proxy = Proxy
gateway-proxy-system = System proxy
gateway-proxy-none = None
gateway-proxy-url = Custom
gateway-proxy-address = Proxy address
gateway-time-connect = Connect within
gateway-time-first-byte = First response within
gateway-time-silence = Longest silence
gateway-time-total = Total at most
gateway-time-none = no limit
gateway-time-note = Keep-alives count: a slow picture is not cut off while the gateway says that it is working.
gateway-section-advanced = Advanced
gateway-response-format = response_format
gateway-response-format-omit = Not sent
gateway-edit-body = Send references as
gateway-image-field = File field
gateway-extra = Extra fields
gateway-extra-note = A JSON object, merged into every request as the last step.
gateway-extra-count = { $count ->
    [one] { $count } more field
   *[other] { $count } more fields
  }
gateway-refused = Not accepted
gateway-refused-note = This gateway did not accept these parameters, so they are left out. Remove one to try it again.
gateway-refused-remove = Send { $name } again
gateway-refused-count = { $count } left out
gateway-reset = Reset to the preset
gateway-reset-note = Name and key are kept.
gateway-section-track = Track record
track-never-more = { $asked } asked: at most { $got } in { $count } of { $count } tries
track-sometimes = { $asked } asked: smaller in { $smaller } of { $count } tries
track-always = { $asked } asked: full size in { $count } of { $count } tries
track-pictures = { $count ->
    [one] { $count } picture
   *[other] { $count } pictures
  }
track-format = { $count } in another format
track-failed = { $count } failed
gateway-tested-no-list = { $host } answers in { $ms } ms, but has no list of models. The key was not checked.
gateway-tested-unreachable = No answer from { $host }
field-needed = This can't be empty.
field-not-between = A whole number from { $least } to { $most }.
field-not-an-amount = A number such as 0.25.
field-not-a-proxy = A proxy looks like http://host:8080 or socks5://host:1080.
field-not-sizes = Sizes are written as WIDTHxHEIGHT, with blanks or commas between them.
field-not-json = Not used: { $reason }

## Settings

settings = Settings
settings-language = Language
settings-theme = Theme
theme-system = System
theme-light = Light
theme-dark = Dark
settings-library = Pictures are filed in
settings-shortcuts = Keyboard
language-english = English
language-chinese = 中文

## Failures: what happened, and what to do

charge-no = Not charged
charge-yes = Charged
charge-unknown = May have been charged
failure-after = after { $seconds } s
failure-words = What the model wrote
failure-words-copy = Copy the text
failure-previews = What arrived
failure-preview-show = Show last preview
failure-preview-save = Save a copy…
failure-claim = For a refund claim
failure-claim-note = The gateway did make this picture. With these lines its operator can find it.
failure-claim-copy = Copy the claim
failure-claim-time = Time
failure-claim-address = Address
failure-kept-previews = { $count ->
    [one] The preview that arrived is kept.
   *[other] The { $count } previews that arrived are kept.
  }
failure-kept-part = The part of the picture that arrived is kept.
failure-raw = Raw answer
failure-raw-copy = Copy the raw answer
remedy-key = Enter the key
remedy-gateway = Open gateways
remedy-prompt = Edit the prompt
remedy-settings = Change the settings
remedy-references = Change the references
remedy-again = Try again
remedy-again-charged = Again (may be charged again)
remedy-fetch = Download again (free)
found-bad-address = The address can't be used.
found-no-address = The gateway has no address.
found-bad-key = The key has characters that can't be sent.
found-bad-proxy = The proxy's address can't be used. It needs http, https, socks5 or socks5h, a host and a port.
found-no-host = The server's name can't be resolved.
found-unreachable = The server does not accept the connection.
found-insecure = No secure connection can be made; most often it is the certificate.
found-broke = The connection broke.
found-ended-early = The connection ended in the middle of the answer.
found-redirects = The server redirects without end.
found-limit-connect = No connection within the limit of { $seconds } s.
found-limit-first-byte = No answer within the limit of { $seconds } s.
found-limit-silence = No data came for { $seconds } s.
found-limit-total = The request took longer than the limit of { $seconds } s.
found-text-too-long = Beside its pictures, the answer has more than { $bytes }.
found-blob-too-long = The picture has more than { $bytes }.
found-too-many = The answer has more than { $most } pictures.
found-too-deep = The answer is nested too deeply.
found-no-picture = The answer has no picture.
found-not-a-picture = What came is not a picture.
found-picture-cut = The picture is not whole; only its first { $rows } rows came.
found-picture-too-large = The picture is larger than the limits allow.
found-picture-damaged = The picture's file is damaged.
found-picture-unsupported = Atelier can't read this kind of picture file.
found-fetch-refused = The picture's host answered with status { $status }.
found-filed-later = The picture is kept and goes into the library at the next start.
found-too-few = { $came } of { $asked } pictures came.
found-disk-full = No space is left on the disk.
found-disk-refuses = A file can't be read or written.
found-program-ended = Atelier ended before everything had arrived.
found-bug = The job broke off by a fault of Atelier itself.
cause-auth = The API key is missing or wrong.
advice-auth = Paste it again, and check that it belongs to this gateway.
cause-permission = This key has no access to this model.
advice-permission = Change the key's group, or choose another model or gateway.
cause-region = The provider blocks this region, or wants the organisation verified.
advice-region = Use a network that is allowed, or verify the organisation.
cause-quota = No balance or quota is left.
advice-quota = Top up, or choose another gateway. Trying again won't help before that.
cause-not-found = The gateway knows no such address or model.
advice-not-found = Check the base URL: it normally ends in /v1.
cause-endpoint = The address is not an API endpoint.
advice-endpoint = Check the base URL: it normally ends in /v1.
cause-no-model = The gateway has no such model.
advice-no-model = Choose another model, or another group for the key.
cause-rate-limit = Too many requests at once.
advice-rate-limit = Wait a moment, then try again with fewer jobs at once.
cause-no-account = The gateway has no free image account right now.
advice-no-account = Try again later, or choose another gateway.
cause-moderation = The safety check refused this request.
advice-moderation = Take out what may be sensitive, and try again.
cause-moderation-input = The prompt or a reference was refused by the safety check.
advice-moderation-input = Take out what may be sensitive, and try again.
cause-moderation-output = The finished picture was withheld by the safety check.
advice-moderation-output = Word it differently, and generate again.
cause-brand = It may infringe a trademark or a character.
advice-brand = Describe it without the name.
cause-invalid = The gateway did not accept the request.
advice-invalid = See what it says below, and change that.
cause-size = The gateway does not take this size.
advice-size = Use multiples of 16, at most 3840 px, or one of the presets.
cause-parameter = The gateway does not know one of the parameters.
advice-parameter = Set it back to Auto, or remove it from the gateway's profile, and send again.
cause-reference = A reference is too large, or can't be read.
advice-reference = Make it smaller, or save it as PNG or JPEG.
cause-words = The model answered in words, without a picture.
advice-words = Say in the prompt that you want a picture.
cause-misrouted = The gateway sent the job to a chat model.
advice-misrouted = Generate again, or choose another gateway.
cause-server = The gateway, or what is behind it, has a problem.
advice-server = Try again. If it keeps failing, send the request id to the operator.
cause-network = The server can't be reached.
advice-network = Check the network and the proxy. In mainland China, use the gateway's address for it.
cause-timeout = Nothing came for too long.
advice-timeout = Check the bill before you send it again. A lower size or quality is quicker.
cause-proxy-gave-up = A server in front of the gateway gave up waiting.
cause-proxy-gave-up-after = A server in front of the gateway gave up after { $seconds } s.
advice-proxy-gave-up = Turn on streaming and previews, or lower size or quality.
cause-cut = The connection ended before the picture arrived.
advice-cut = Check the bill before you generate again.
cause-previews-only = Previews came, but no finished picture.
advice-previews-only = Use the last preview, or check the bill and generate again.
cause-protocol = The answer can't be understood, or holds no picture.
advice-protocol = Check the bill before you generate again.
cause-ticket = The gateway gave a ticket to ask about later, which Atelier can't use.
advice-ticket = Choose a gateway or model that answers with the picture itself.
cause-disk = The disk is full, or refuses to be written to.
advice-disk = Make room on it, then try again.
cause-expired = The link to the picture has expired.
advice-expired = Links of this gateway last about { $minutes } minutes. The picture has to be generated again.
advice-expired-early = It should have worked for longer. Download it again, or claim the picture with the lines below.
cause-too-large = The answer is larger than Atelier accepts.
advice-too-large = Ask for a smaller picture.
cause-canceled = Canceled.
advice-canceled = You can generate it again at any time.
cause-interrupted = Atelier ended while this job ran.
advice-interrupted = Nothing is sent again by itself. Check the bill before you generate again.
