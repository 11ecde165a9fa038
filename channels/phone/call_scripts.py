"""What a call says, as TwiML."""

from twilio.twiml.voice_response import Gather, VoiceResponse

LANGUAGE = "ja-JP"
_NO_MORE = {
    "ja": "今後このようなお電話を希望されない場合は、9を押してください。",
    "en": "To get no more calls like this one, press 9.",
}
_THANKS = {"ja": "承知しました。今後お電話を差し上げることはありません。", "en": "You will get no more calls from us."}
# Callers of a number on a Japanese poster.
_JOIN = (
    "お電話ありがとうございます。会員登録のページは、{address}、です。"
    "携帯電話から番号を通知しておかけになると、ご案内のショートメッセージをお送りします。"
)
_WAIT_S = 5


def write_message_call(text: str, language: str, key_url: str) -> str:
    """The text, and the one key that ends all calls. Whoever presses nothing is not asked again."""
    script = VoiceResponse()
    gather = Gather(num_digits=1, timeout=_WAIT_S, action=key_url, method="POST")
    gather.say(text, language=language)
    gather.pause(length=1)
    gather.say(_of(_NO_MORE, language), language=language)
    script.append(gather)
    return str(script)


def write_thanks(language: str) -> str:
    script = VoiceResponse()
    script.say(_of(_THANKS, language), language=language)
    script.hangup()
    return str(script)


def write_refusal() -> str:
    """The call is not answered, which costs neither side anything; the caller hears that the line is busy."""
    script = VoiceResponse()
    script.reject(reason="busy")
    return str(script)


def write_join_address(address: str) -> str:
    """Twice: nobody has a pencil at hand the first time."""
    script = VoiceResponse()
    for _ in range(2):
        script.say(_JOIN.replace("{address}", address), language=LANGUAGE)
        script.pause(length=1)
    script.hangup()
    return str(script)


def write_nothing() -> str:
    return str(VoiceResponse())


def _of(words: dict[str, str], language: str) -> str:
    return words.get(language.partition("-")[0], words["en"])
