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
start-failed = Atelier can't start
close = Close
copied = Copied

## Actions with a key

generate = Generate
action-cancel = Cancel the job
action-focus-prompt = Write the prompt
action-pick-references = Pick reference files
action-show-create = Go to Create
action-show-gallery = Go to the gallery
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

## References

references = References
references-count = { $count } / { $most }
references-empty = Drop pictures here, paste with { $keys }, or pick files
references-pick = Pick files
references-paste = Paste a picture
references-clear = Remove all
reference-name = Image { $number }: { $name }
reference-remove = Remove image { $number }
reference-first = Make it image 1
reference-loading = Reading…
reference-pasted = Pasted picture
reference-too-large = { $name } is too large for a reference.
reference-unreadable = { $name } can't be read as a picture.
drop-here = Drop to add as references

## Parameters

size = Size
size-auto = Auto
size-preset = Presets
size-free = Custom
size-auto-hint = The model chooses a size that suits the prompt.
size-swap = Swap width and height
size-width = Width
size-height = Height
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

blocked-starting = Starting…
blocked-prompt = Write a prompt first.
blocked-prompt-long = The prompt has { $count } characters; { $most } is the limit.
blocked-references-loading = References are still being read…
blocked-references-many = { $most } references at most.
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
mismatch-kept = { $asked } was asked, { $got } came: kept as it is.
mismatch-claimed = The answer claims { $claimed }, the file has { $got }.
details-time = Time
details-bytes = File size
details-tokens = Tokens
details-tokens-value = { $input } in · { $output } out
details-tokens-none = not reported
details-gateway = Gateway
details-host = Host
details-model = Model
details-references = References
details-request-id = Request id
details-copy-request-id = Copy the request id
details-copy-prompt = Copy the prompt
details-copy-revised = Copy the revised prompt
details-notes = Done otherwise
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
gallery-loading = Reading the library…
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

## Gateways

gateway = Gateway
gateways = Gateways
gateway-demo = Built-in demo
gateway-custom = Other address
gateway-demo-note = Paints demo pictures on this computer. Free, without a key.
gateway-address = Base URL
gateway-address-hint = https://example.com/v1
gateway-address-wrong = This is not an http or https address.
gateway-endpoint = Requests go to { $url }
gateway-api = API
gateway-api-responses = Responses
gateway-api-images = Images
gateway-model = Model
gateway-image-model = Image model
gateway-key = API key
gateway-key-hint = Paste the key
gateway-key-use = Use key
gateway-key-forget = Forget
gateway-key-known = A key is set.
gateway-key-missing = No key
gateway-key-note = Kept in memory until Atelier closes. Never written to disk.

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
failure-claim = For a claim
failure-claim-note = The gateway had this picture. With these lines its operator can find it.
failure-claim-copy = Copy for a claim
failure-claim-time = Time
failure-claim-address = Address
failure-raw = The answer as it came
failure-raw-copy = Copy the answer
remedy-key = Enter the key
remedy-gateway = Open gateways
remedy-prompt = Edit the prompt
remedy-settings = Change the settings
remedy-references = Change the references
remedy-again = Try again
remedy-again-charged = Again – may be charged again
cause-auth = The API key is missing or wrong.
advice-auth = Paste it again, and check that it belongs to this gateway.
cause-permission = This key may not use this model.
advice-permission = Change the key's group, or choose another model or gateway.
cause-region = The provider blocks this region, or wants the organisation verified.
advice-region = Use a network that is allowed, or verify the organisation.
cause-quota = No balance or quota is left.
advice-quota = Top up, or choose another gateway. Trying again won't help.
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
advice-moderation-output = Say it in other words, and generate again.
cause-brand = It may infringe a trademark or a character.
advice-brand = Describe it without the name.
cause-invalid = The gateway did not accept the request.
advice-invalid = See what it says below, and change that.
cause-size = The gateway does not take this size.
advice-size = Use multiples of 16, at most 3840 px, or one of the presets.
cause-parameter = The gateway does not know one of the parameters.
advice-parameter = Set it back to Auto, or take it out of the gateway's profile, and send again.
cause-reference = A reference is too large, or can't be read.
advice-reference = Make it smaller, or save it as PNG or JPEG.
cause-words = The model answered in words, without a picture.
advice-words = Ask for a picture in so many words.
cause-misrouted = The gateway sent the job to a chat model.
advice-misrouted = Generate again, or choose another gateway.
cause-server = The gateway, or what is behind it, has a fault.
advice-server = Try again. If it stays, send the request id to the operator.
cause-network = The server can't be reached.
advice-network = Check the network and the proxy, or use the gateway's address for mainland China.
cause-timeout = Nothing came for too long.
advice-timeout = Check the bill before you send it again. A lower size or quality is quicker.
cause-proxy-gave-up = A server in front of the gateway gave up waiting.
cause-proxy-gave-up-after = A server in front of the gateway gave up after { $seconds } s.
advice-proxy-gave-up = Turn on streaming and previews, or lower size or quality. Check the bill before you send it again.
cause-cut = The connection ended before the picture arrived.
advice-cut = Check the bill before you generate again. What arrived is kept.
cause-previews-only = Previews came, but no finished picture.
advice-previews-only = Use the last preview, or check the bill and generate again.
cause-protocol = The answer can't be understood, or has no picture.
advice-protocol = Check the bill before you generate again. What arrived is kept.
cause-ticket = The gateway gave a ticket to ask about later, which Atelier can't use.
advice-ticket = Choose a gateway or model that answers with the picture itself.
cause-disk = The disk is full, or refuses to be written to.
advice-disk = Make room on it, then try again. What had arrived is kept.
cause-expired = The link to the picture has expired.
advice-expired = Links of this gateway last about { $minutes } minutes. The picture has to be generated again.
cause-too-large = The answer is larger than Atelier accepts.
advice-too-large = Ask for a smaller picture.
cause-canceled = Canceled.
advice-canceled = What had arrived is kept.
cause-interrupted = Atelier ended while this job ran.
advice-interrupted = What had arrived is kept. Nothing is sent again by itself.
