"""What is wrong with a field, in words of managers: what to do about it. Pure."""

from server.faces.words import Words

FAULTS: Words = {
    "fault_missing": ("入力してください。", "Fill this in."),
    "fault_not_a_number": ("数字で入力してください。", "Write a whole number."),
    "fault_not_a_moment": ("日付と時刻を選んでください。", "Choose a day and a time."),
    "fault_not_a_day": (
        "「{text}」は日付ではありません。2026-12-31 のように入力してください。",
        "{text} is no day. Write it as 2026-12-31.",
    ),
    "fault_unknown_choice": ("一覧から選び直してください。", "Choose one of the list."),
    "fault_unknown_store": ("店舗コード「{text}」が見つかりません。", "No store has the code {text}."),
    "fault_no_store": ("店舗かグループを1つ以上選んでください。", "Choose a store or a group."),
    "fault_too_small": ("{least}以上にしてください。", "Write {least} or more."),
    "fault_too_large": ("{most}以下にしてください。", "Write {most} or less."),
    "fault_too_long": ("{most}文字以内にしてください。", "Write no more than {most} characters."),
    "fault_hidden_marks": (
        "文字の向きを変える見えない記号は使えません。入力し直してください。",
        "It holds hidden marks that turn the direction of writing: type it anew.",
    ),
    "fault_bad_form": ("形式を確認してください。", "Check how this is written."),
    "fault_own_stores_only": (
        "担当の店舗を選んでください。全店舗のキャンペーンを書けるのはオーナーだけです。",
        "Choose your stores. Only an owner writes campaigns for every store.",
    ),
    "fault_groups_by_owner": ("店舗グループを選べるのはオーナーだけです。", "Only an owner chooses groups of stores."),
    "fault_not_your_store": ("担当の店舗だけを選んでください。", "Choose only stores that are yours."),
    "fault_closed_store": (
        "閉店した店舗が含まれています。外してください。",
        "One of these stores has closed. Leave it out.",
    ),
    "fault_empty_group": (
        "店舗のないグループが含まれています。外してください。",
        "One of these groups has no store. Leave it out.",
    ),
    "fault_far_moment": ("2000年から2999年の間にしてください。", "Choose a year from 2000 to 2999."),
    "fault_before_start": ("開始より後にしてください。", "Choose a time after the beginning."),
    "fault_each_event_once": (
        "このきっかけは一度きりのため、頻度は指定できません。",
        "This happens once by itself: leave how often as it is.",
    ),
    "fault_rolling_only": (
        "このきっかけでは「1人1回」か「〜日に1回」を選んでください。",
        "Here choose once in all, or once in so many days.",
    ),
    "fault_no_second_coupon": (
        "1人1回限りのため、間隔は空欄にしてください。",
        "There is no second coupon: leave the distance empty.",
    ),
    "fault_bad_repeat": ("この日時からの繰り返しにできません。", "It cannot repeat from that day on."),
    "fault_needs_end": ("繰り返すキャンペーンには終了日時が必要です。", "What repeats needs an end."),
    "fault_own_clock_at_once": (
        "会員の現地時刻で配信するときは、配信速度を変えられません。",
        "By each member's own clock the speed cannot be set.",
    ),
    "fault_several_zones": (
        "時差のある店舗が含まれています。会員の現地時刻を選んでください。",
        "The stores are in several time zones. Choose each member's own clock.",
    ),
    "fault_other_campaign": ("別のキャンペーンを選んでください。", "Choose another campaign."),
    "fault_unknown_rank": ("このプログラムのランクを選んでください。", "Choose a rank of your program."),
    "fault_stays_follow_up": (
        "ほかのキャンペーンの続きとして使われているため、変えられません。",
        "Another campaign gives this one as its next step: it stays so.",
    ),
    "fault_audience_outdated": (
        "対象者の条件に、削除された項目があります。対象者を保存し直してください。",
        "The audience asks for an attribute that was removed. Save the audience anew.",
    ),
    "fault_which_items": (
        "対象の商品コードか分類を入力してください。",
        "Say which items: by their codes or categories.",
    ),
    "fault_which_group": ("併用グループの名前を入力してください。", "Give the group a name."),
    "fault_before_usable": ("有効期限より前にしてください。", "Choose a time before coupons expire."),
    "fault_coupon_stores": (
        "使える店舗は、このキャンペーンの店舗の中から選んでください。",
        "Choose only stores that the campaign is for.",
    ),
    "fault_not_offline": (
        "オフライン利用のクーポンには使えない条件です。",
        "A coupon that works offline cannot ask for this.",
    ),
    "fault_unknown_card": ("このプログラムのスタンプカードを選んでください。", "Choose a stamp card of your program."),
    "fault_no_points": ("先にポイントの設定をしてください。", "Set up points first."),
    "fault_channel_twice": ("同じ方法は一度だけ選んでください。", "Choose each way once."),
    "fault_nothing_sent": (
        "紙のコードではお知らせを送りません。空欄にしてください。",
        "With a code from paper nothing is sent. Leave this empty.",
    ),
    "fault_words_missing": ("この方法で送る文面を書いてください。", "Write the words for this way, or take it out."),
    "fault_no_line": (
        "先に LINE 公式アカウントを接続してください。",
        "Connect your LINE official account first, or take LINE out.",
    ),
    "fault_no_mail": (
        "先にメールの差出人を設定してください。",
        "Say first who your e-mails are from, or take e-mail out.",
    ),
    "fault_no_phone": ("先に電話の設定をしてください。", "Set up your telephone first, or take texts and calls out."),
    "fault_link_needed": ("https:// で始まるリンクを入力してください。", "Give a link that begins with https://."),
    "fault_late_reminder": (
        "このお知らせが届く前に、クーポンの期限が切れます。待つ時間を短くするか、有効期間を延ばしてください。",
        "This reminder would come when the coupon is over. Wait less, or let the coupon be good for longer.",
    ),
    "fault_step_is_a_loop": (
        "めぐりめぐって、このキャンペーン自身に戻ってしまいます。別のキャンペーンを選んでください。",
        "By way of that one, this campaign would follow itself. Choose another.",
    ),
    "fault_step_has_ended": (
        "選んだキャンペーンは終了しています。別のキャンペーンを選んでください。",
        "That campaign has ended. Choose another.",
    ),
    "fault_step_is_no_follow_up": (
        "きっかけが「別のキャンペーンの続きとして」のキャンペーンを選んでください。",
        "Choose a campaign that is written as the next step of another.",
    ),
    "fault_no_use_store": ("クーポンを使える店舗を選んでください。", "Choose the stores where it can be used."),
    "fault_too_many": ("{most}件以内にしてください。", "No more than {most}, please."),
    "fault_cap_not_now": (
        "上限なしで作られたキャンペーンです。空欄にするか、新しく作ってください。",
        "This one was written without. Leave it empty, or write a new campaign.",
    ),
    "fault_cap_stays": (
        "上限付きで作られたキャンペーンです。数を入力してください。",
        "This one was written with a limit. Give a number.",
    ),
    "fault_cap_too_small": (
        "すでに発行した枚数以上にしてください。",
        "More have been given already. Write at least as many.",
    ),
    "fault_owners_campaign": (
        "ほかの店舗も対象のキャンペーンです。変更はオーナーに依頼してください。",
        "It is for other stores too: ask an owner to change it.",
    ),
    "fault_has_ended": (
        "終了したキャンペーンは変更できません。新しく作ってください。",
        "It has ended and stays as it was. Write a new one.",
    ),
    "fault_no_holdout": (
        "会員が自分で獲得する特典のため、贈らない会員を設けられません。",
        "Members have earned this: nobody can be held out.",
    ),
    "fault_nothing_tried": (
        "贈らない割合か、比べるパターンを入力してください。",
        "Hold some members out, or give variants.",
    ),
    "fault_no_share": ("1つ以上のパターンに配分を入力してください。", "Give at least one variant a share."),
    "fault_same_code": ("パターンの名前は別々にしてください。", "Give each variant a name of its own."),
    "fault_reserved_code": ("この名前は使えません。", "This name means something else in the results."),
    "fault_variant_stays": (
        "すでに会員が割り当てられたパターンは残してください。配分 0 で新規を止められます。",
        "Members are assigned to a variant that you left out. Give it a share of 0 instead.",
    ),
    "fault_tried_once": (
        "比較はキャンペーンごとに一度だけです。新しいキャンペーンを作ってください。",
        "A campaign can be tried once. Write a new one.",
    ),
    "fault_not_rehearsable": (
        "このきっかけは過去の記録がないため、試せません。少人数の対象者で始めてみてください。",
        "Nothing is kept to rehearse this with. Start it for a few members instead.",
    ),
    "fault_owners_rehearsal": (
        "店舗でのできごとではないため、試せるのはオーナーだけです。",
        "It happens at no store, so it is rehearsed for all members: ask an owner.",
    ),
    "fault_no_smtp": ("メールの送信がまだ設定されていません。", "This server is not set up to send e-mail yet."),
    "fault_wait_for_test": (
        "1分ほど待ってから、もう一度お試しください。",
        "Wait a minute before you send another test.",
    ),
    "fault_test_cannot_reach": (
        "あなたの会員カードには、この方法ではまだ届きません。アプリで通知や連携を有効にしてください。",
        "It does not reach your own card by this way yet. Allow it in the app first.",
    ),
    "fault_test_needs_card": (
        "サインインに使うメールアドレスをアプリで確認し、会員になってください。テストはその会員に届きます。",
        "Join as a member, and confirm the address that you sign in with: tests go to that member.",
    ),
    "fault_no_store_yet": ("先に店舗を追加してください。", "Add a store first."),
    "fault_not_running": ("先にキャンペーンを開始してください。", "Start the campaign first."),
    "fault_run_over": ("この配信はすでに終わっています。", "That one is over already."),
    "fault_bad_experiment": (
        "割合は0〜90、パターン名は半角の小文字・数字・ハイフンにしてください。",
        "Write 0 to 90 per cent, and name variants with a-z, 0-9 and hyphens.",
    ),
    "fault_more_unused": (
        "未使用のクーポンが増えています。新しい枚数を確かめて、もう一度押してください。",
        "More are unused by now. Look at the new number, and press again if you mean all of them.",
    ),
    "fault_withdrawn_already": (
        "すでに取り消されています。理由はあとから変えられません。",
        "They are withdrawn already, and the reason stays.",
    ),
    "fault_picture_missing": ("画像のファイルを選んでください。", "Choose the file of a picture."),
    "fault_picture_type": ("PNG、JPEG、WebP のいずれかを選んでください。", "Choose a PNG, JPEG or WebP file."),
    "fault_picture_too_large": (
        "大きすぎます。5 MB、2,500万画素までです。縦横1600画素ずつで足ります。",
        "It is too large: at most 5 MB and 25 million pixels. 1600 by 1600 pixels are enough.",
    ),
    "fault_picture_damaged": (
        "ファイルが壊れています。もう一度書き出してから選んでください。",
        "This file is broken or not whole. Export it once more, and choose that.",
    ),
    "fault_no_condition": ("条件を1つ以上選んでください。", "Choose at least one condition."),
    "fault_bad_condition": ("この条件の値を確認してください。", "Check the values of this condition."),
    "fault_condition_refused": ("この条件は使えません（{text}）", "This condition cannot be used: {text}"),
    "fault_audience_changed": (
        "ほかの人が先に変更しました。開き直してから変更してください。",
        "Somebody has changed it meanwhile. Open it anew, and change that.",
    ),
    "fault_audience_in_use": ("使われているため削除できません：{text}", "It is in use, by: {text}"),
    "fault_nothing_fills": ("{text} はここでは使えません。", "{text} cannot be filled here. Leave it out."),
    "fault_unknown_placeholder": (
        "{text} は使えません。使えるのは {known} です。",
        "{text} is not known. These are: {known}.",
    ),
    "fault_not_everybody": (
        "{text} は全員にあるとは限りません。ボタンから入れ直してください。",
        "Not everybody has {text}. Put it in by its button, and the sentence reads well without.",
    ),
    "fault_bad_braces": (
        "波かっこの書き方を確認してください。ボタンから入れると確実です。",
        "Check the braces. The buttons put them in rightly.",
    ),
    "fault_too_long_filled": (
        "差し込み後に長くなりすぎます。短くしてください。",
        "Filled in, it may become too long. Shorten it.",
    ),
    "fault_words_refused": ("この文面は使えません（{text}）", "These words cannot be used ({text})."),
    "fault_other": ("この内容では保存できません：{text}", "It cannot be saved like this: {text}"),
}
