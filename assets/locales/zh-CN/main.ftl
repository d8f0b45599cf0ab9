# 画室的中文界面。每条消息在 ../en/main.ftl 里都有对应；tests/locales.rs 会比较两者。

## The window

app-name = Atelier
app-name-other = 画室
tab-create = 创作
tab-gallery = 图库
running-count = { $count } 个进行中
queued-count = { $count } 个排队
language-switch = EN
language-switch-name = 切换为英文
theme-to-dark = 深色主题
theme-to-light = 浅色主题
start-failed = 画室无法启动
close = 关闭
copied = 已复制

## Actions with a key

generate = 生成
action-cancel = 取消任务
action-focus-prompt = 编写提示词
action-pick-references = 选择参考图文件
action-show-create = 前往创作
action-show-gallery = 前往图库
action-undo = 撤销删除
action-gateways = 选择网关
action-settings = 设置
action-toggle-language = 切换语言
action-toggle-theme = 切换深浅主题
action-back = 返回

## Prompt

prompt = 提示词
prompt-hint = 描述你想看到的画面
prompt-count = { $count } / { $most }

## References

references = 参考图
references-count = { $count } / { $most }
references-empty = 把图片拖到这里，用 { $keys } 粘贴，或选择文件
references-pick = 选择文件
references-paste = 粘贴图片
references-clear = 全部移除
reference-name = 图 { $number }：{ $name }
reference-remove = 移除图 { $number }
reference-first = 设为图 1
reference-loading = 读取中…
reference-pasted = 粘贴的图片
reference-too-large = { $name } 过大，不能用作参考图。
reference-unreadable = { $name } 无法读取为图片。
drop-here = 松开即可添加为参考图

## Parameters

size = 尺寸
size-auto = 自动
size-preset = 预设
size-free = 自定义
size-auto-hint = 由模型选择适合提示词的尺寸。
size-swap = 交换宽高
size-width = 宽
size-height = 高
size-use-nearest = 改用 { $size }
size-not-a-number = 宽和高须为整数像素。
size-not-multiple = 宽和高须为 { $multiple } 的倍数。
size-too-long = 最长边不超过 { $most } 像素。
size-too-narrow = 长边最多为短边的 { $most } 倍。
size-too-small = 画面至少 { $least } 百万像素。
size-too-large = 画面至多 { $most } 百万像素。
quality = 质量
quality-auto = 自动
quality-low = 低
quality-medium = 中
quality-high = 高
format = 格式
count = 张数
count-less = 减少张数
count-more = 增加张数
previews = 预览
advanced = 高级
background = 背景
background-auto = 自动
background-opaque = 不透明
background-transparent = 透明
compression = 压缩
compression-hint = 100 保留最多细节。只有 JPEG 和 WebP 会压缩。
moderation = 审核
moderation-auto = 自动
moderation-low = 宽松

## Generate

blocked-starting = 正在启动…
blocked-prompt = 请先写提示词。
blocked-prompt-long = 提示词有 { $count } 个字符，上限为 { $most }。
blocked-references-loading = 参考图还在读取…
blocked-references-many = 参考图最多 { $most } 张。
blocked-transparent-jpeg = JPEG 不支持透明，请用 PNG 或 WebP。
blocked-address = 此网关还没有地址。
blocked-key = 此网关需要密钥。
set-up = 去设置
cancel = 取消

## Jobs

stage-queued = 排队中
stage-queued-place = 排队中，第 { $place } 位
stage-held = 等待网关，还有 { $time }
stage-connecting = 连接中
stage-connecting-to = 正在连接 { $host }
stage-sent = 已发送
stage-accepted = 已受理
stage-preview = 预览 { $number }
stage-preview-of = 预览 { $number } / { $most }
stage-receiving = 已接收 { $bytes }
stage-receiving-percent = 接收中 { $percent } %
stage-receiving-of = 接收中 { $percent } %，共 { $bytes }
stage-fetching = 正在从 { $host } 下载
stage-saving = 保存中
stage-waiting = { $time } 后重试
stage-attempt = 第 { $attempt } 次尝试
line-silent = 已有 { $seconds } 秒没有收到数据
line-keep-alive = 连接仍在，但 { $seconds } 秒没有新进展
line-expires = { $host } 上的链接还有 { $time } 有效
line-expired = { $host } 上的链接已过期
note-switched = 已改用 { $to }，因为无法连接 { $from }
note-dropped = 已略去 { $name }（网关不支持）
state-done = 已保存
state-failed = 失败
state-canceled = 已取消
state-interrupted = 已中断
job-name = { $state }：{ $prompt }
image-name = 图片：{ $prompt }
image-name-unknown = 图片 { $id }
dismiss = 移除
strip-empty = 你的图片会出现在这里。
preview-number = 预览 { $number }
preview-not-final = 预览，非最终结果
preview-short = 预览
final-picture = 结果图
newest-picture = 最新

## Canvas

canvas = 画布
canvas-empty-title = 今天画些什么？
canvas-empty-body = 在左侧写下提示词，按 { $keys }。演示网关无需密钥即可使用，图片由画室在本机绘制。
canvas-empty-body-key = 在左侧写下提示词，按 { $keys }。画面成形的每一步预览都会出现在这里。
canvas-examples = 试试这些
example-1 = 雪中红狐，水墨
example-2 = 黎明时分，云海之上的群山
example-3 = 一碗柠檬，彩色玻璃
canvas-waiting = 第一张预览会出现在这里。
canvas-failed = 无法显示这张图片。
zoom-in = 放大
zoom-out = 缩小
zoom-fit = 适应窗口
zoom-actual = 实际大小
zoom-level = { $percent } %

## Details

details = 详情
details-empty = 选中一张图片，查看它的制作过程。
details-selected = 已选中 { $count } 张图片
details-prompt = 提示词
details-revised = 改写后的提示词
details-asked = 请求
details-claimed = 声称
details-got = 实际
details-size = 尺寸
details-format = 格式
details-quality = 质量
details-background = 背景
details-unknown = –
mismatch-kept = 请求 { $asked }，实际 { $got }：已按原样保存。
mismatch-claimed = 响应声称 { $claimed }，文件实际为 { $got }。
details-time = 用时
details-bytes = 文件大小
details-tokens = 词元
details-tokens-value = 输入 { $input } · 输出 { $output }
details-tokens-none = 未报告
details-gateway = 网关
details-host = 主机
details-model = 模型
details-references = 参考图
details-request-id = 请求 ID
details-copy-request-id = 复制请求 ID
details-copy-prompt = 复制提示词
details-copy-revised = 复制改写后的提示词
details-notes = 与请求不同之处
details-file = 文件
details-open-folder = 打开文件夹
details-received = 已接收
use-as-reference = 用作参考图
use-settings = 使用此设置
again = 再来一次
delete = 删除
delete-count = 删除 { $count } 张
open = 打开

## Gallery

gallery-empty-title = 这里还没有图片
gallery-empty-body = 你生成的每张图片都以普通文件保存在自己的磁盘上，并显示在这里。
gallery-empty-action = 画第一张
gallery-loading = 正在读取图库…
gallery-count = { $figure } 张图片
gallery-grid = 图片

## Messages

toast-deleted = 已将 { $count } 张图片移到回收站
toast-undo = 撤销
toast-recovered = 已归档 { $count } 张上次退出前收到的图片
toast-saved-as = 已保存到 { $path }
toast-settings-unreadable = 设置无法读取，已使用默认值。原文件保留为 { $path }
toast-models-unreadable = 无法读取 models.toml，已使用内置模型表：{ $reason }
toast-secrets-left-out = 疑似密钥或密码的字段已略去：{ $names }
toast-key-not-kept = 密钥未能保存，仅在本次运行期间有效：{ $reason }
toast-gateways-unreadable = 无法导入网关：{ $reason }
toast-gateways-exported = 已将 { $count } 个网关导出到 { $path }，不含密钥。
toast-busy = 画室暂时太忙，请稍后再试。
toast-job-warning = 已收到的图片已保存，但随后出错：{ $cause }
toast-references-full = 有 { $count } 张图片未添加：参考图已满。

## Gateways

gateway = 网关
gateways = 网关
gateway-demo = 内置演示
gateway-custom = 其他地址
gateway-demo-note = 在本机绘制演示图片。免费，无需密钥。
gateway-address = 接口地址
gateway-address-hint = https://example.com/v1
gateway-address-wrong = 这不是 http 或 https 地址。
gateway-endpoint = 请求发往 { $url }
gateway-api = 接口
gateway-api-responses = Responses
gateway-api-images = Images
gateway-model = 模型
gateway-image-model = 图像模型
gateway-key = API 密钥
gateway-key-hint = 粘贴密钥
gateway-key-use = 使用密钥
gateway-key-forget = 清除
gateway-key-known = 已设置密钥。
gateway-key-missing = 无密钥
gateway-key-note = 仅保存在内存中，关闭画室即清除，绝不写入磁盘。

## Settings

settings = 设置
settings-language = 语言
settings-theme = 主题
theme-system = 跟随系统
theme-light = 浅色
theme-dark = 深色
settings-library = 图片保存在
settings-shortcuts = 快捷键
language-english = English
language-chinese = 中文

## Failures: what happened, and what to do

charge-no = 未扣费
charge-yes = 已扣费
charge-unknown = 可能已扣费
failure-after = 第 { $seconds } 秒
failure-words = 模型的回答
failure-words-copy = 复制文字
failure-previews = 已收到的内容
failure-preview-show = 显示最后的预览
failure-claim = 申诉用信息
failure-claim-note = 网关曾生成此图。凭以下信息，管理员可以查到它。
failure-claim-copy = 复制申诉信息
failure-claim-time = 时间
failure-claim-address = 地址
failure-raw = 原始响应
failure-raw-copy = 复制原始响应
remedy-key = 填写密钥
remedy-gateway = 打开网关
remedy-prompt = 修改提示词
remedy-settings = 修改参数
remedy-references = 更换参考图
remedy-again = 重试
remedy-again-charged = 再次生成（可能重复扣费）
cause-auth = API 密钥无效或未填写。
advice-auth = 请重新粘贴，并确认它属于当前网关。
cause-permission = 当前密钥没有使用该模型的权限。
advice-permission = 请更换密钥分组，或换用其他模型或网关。
cause-region = 所在地区受限，或组织未验证。
advice-region = 请更换网络，或完成组织验证。
cause-quota = 余额或额度不足。
advice-quota = 请充值或更换网关，重试无效。
cause-not-found = 网关上没有这个地址或模型。
advice-not-found = 请检查接口地址，通常以 /v1 结尾。
cause-endpoint = 接口地址不对，这里不是 API。
advice-endpoint = 请检查接口地址，通常以 /v1 结尾。
cause-no-model = 网关没有这个模型。
advice-no-model = 请换用其他模型，或更换密钥分组。
cause-rate-limit = 请求过于频繁。
advice-rate-limit = 请稍候，再以较少的并发任务重试。
cause-no-account = 网关号池暂无可用额度。
advice-no-account = 请稍后重试，或更换网关。
cause-moderation = 请求未通过安全审核。
advice-moderation = 请修改可能敏感的内容后再试。
cause-moderation-input = 提示词或参考图未通过安全审核。
advice-moderation-input = 请修改可能敏感的内容后再试。
cause-moderation-output = 生成结果被安全审核拦截。
advice-moderation-output = 请调整描述后重新生成。
cause-brand = 可能涉及商标或角色侵权。
advice-brand = 请换一种不含品牌、角色名的描述。
cause-invalid = 网关没有接受这个请求。
advice-invalid = 请看下方的说明并作修改。
cause-size = 网关不接受这个尺寸。
advice-size = 宽高请用 16 的倍数且不超过 3840 像素，或选用预设。
cause-parameter = 网关不支持某个参数。
advice-parameter = 请把它设回自动，或从网关配置中去掉，再重新提交。
cause-reference = 参考图过大或无法识别。
advice-reference = 请压缩，或转为 PNG 或 JPEG。
cause-words = 模型只返回了文字，没有图片。
advice-words = 请改写提示词，明确要求出图。
cause-misrouted = 网关误把任务发给了聊天模型。
advice-misrouted = 请直接重试，或更换网关。
cause-server = 网关或其上游暂时异常。
advice-server = 请重试；持续出现请把请求 ID 发给管理员。
cause-network = 无法连接服务器。
advice-network = 请检查网络和代理，或改用国内代理地址。
cause-timeout = 等待太久没有收到数据。
advice-timeout = 重新生成前请先查看账单。降低尺寸或质量会更快。
cause-proxy-gave-up = 网关前面的服务器等待超时，中断了连接。
cause-proxy-gave-up-after = 网关前面的服务器在第 { $seconds } 秒中断了连接。
advice-proxy-gave-up = 请开启流式和预览，或降低尺寸、质量。重新生成前请先查看账单。
cause-cut = 图片到达前连接中断。
advice-cut = 重新生成前请先查看账单。已收到的内容都已保留。
cause-previews-only = 只收到预览，没有最终结果。
advice-previews-only = 可以使用最后的预览，或查看账单后重新生成。
cause-protocol = 响应无法理解，或其中没有图片。
advice-protocol = 重新生成前请先查看账单。已收到的内容都已保留。
cause-ticket = 网关只返回了任务编号，画室不支持这种异步方式。
advice-ticket = 请换用直接返回图片的网关或模型。
cause-disk = 磁盘已满，或无法写入。
advice-disk = 请腾出空间后重试。已收到的内容都已保留。
cause-expired = 图片链接已过期。
advice-expired = 此网关的链接约 { $minutes } 分钟有效，需要重新生成。
cause-too-large = 响应超出画室可接受的大小。
advice-too-large = 请求较小的图片。
cause-canceled = 已取消。
advice-canceled = 已收到的内容都已保留。
cause-interrupted = 任务进行中画室退出了。
advice-interrupted = 已收到的内容都已保留，不会自动重新发送。
