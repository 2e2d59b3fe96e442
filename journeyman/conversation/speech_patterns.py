"""What commits a company when an AI agent says it: patterns of folded, lower-case English sentences.

A sentence that only asks, or that denies ("I can't promise a refund"), commits to nothing; `speech` leaves those out
before it looks here. A refusal is looked for in every statement, since it is itself a denial.
"""

import re
from functools import cache

_WE = r"(?:we|i|they|the (?:company|bank|insurer|insurance(?: company)?|airline|shop|team|firm)|our (?:team|company)|it|this)"
_WILL = (
    r"(?:will|'ll|shall|are going to|am going to|'re going to|'m going to|is going to|gonna|are gonna|would|can|am able to"
    r"|are able to)"
)
_SURELY = (
    r"(?:\w+ly |now |also |then |all |of course |just |both |be able to |certainly |definitely |still |soon ){0,3}"
)
_CASE = (
    r"(?:claim|request|application|loan|settlement|payout|compensation|reimbursement|case|appeal|credit|mortgage"
    r"|cover(?:age)?"
    r"|report|complaint|exception|account|cancellation|refund|payment|return|change|damage|loss|accident|repair)s?"
)
_MONEY = (
    r"(?:money|cash|funds|payout|compensation|reimbursement|settlement|(?:full |whole )?amount|[$£€]\s?\d[\d.,]*"
    r"|\d[\d.,]* (?:dollars|euros|pounds|credits|usd|eur|gbp))"
)
_TIME = (
    r"(?:(?:\d+|an?|one|two|three|four|five|six|seven|ten|twelve|fourteen|twenty|thirty|a few|several|a couple of"
    r"|the next)"
    r"(?:[ -](?:to |- |or )?(?:\d+|two|three|four|five|six|seven|ten))?(?: (?:business|working|calendar|more|short"
    r"|full))*"
    r"[ -]?(?:second|minute|min|hour|hr|day|week|month|year)s?\b|(?:hour|day|week)s\b"
    r"|tomorrow|today|tonight|(?:this|next) (?:morning|afternoon|evening|week|month|hour|year|mon|tues|wednes|thurs"
    r"|fri|satur|sun)\w*"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:the )?end of (?:the|this|next|your)? ?\w*|noon|midnight"
    r"|close of business|eod"
    r"|\d{1,2}(?::\d\d)? ?[ap]\.?m|\d{1,2}[/.]\d{1,2}|(?:the )?\d{1,2}(?:st|nd|rd|th)|christmas"
    r"|(?:january|february|march|april|may|june|july|august|september|october|november|december) ?\d*|immediately"
    r"|right away"
    r"|instantly|straight away|overnight)"
)
_DOING = (
    r"(?:contact|call|phone|ring|reply|repl(?:y|ied)|respond|answer|get back|hear(?: back| from)?|resolve[d]?"
    r"|fix(?:ed)?|sort(?:ed)?"
    r"|process(?:ed)?|decide[d]?|decision|review(?:ed)?|paid|pay|payment|payout|refund(?:ed)?|credit(?:ed)?|send"
    r"|sent|receive[d]?"
    r"|arrive[sd]?|reach(?:es)?|complete[d]?|finish(?:ed)?|close[d]?|deliver(?:ed|y)?|done|ready|settle[d]?"
    r"|transfer(?:red)?|deposit(?:ed)?"
    r"|repair(?:ed)?|replace[d]?|have it|get it|money|in your account|back to you|investigat\w+"
    r"|handle[d]?|taken care of"
    r"|activated?|restored?|unlocked?|approved?|issued?|get (?:your|the)|expect|see it|come through|clear(?:ed)?"
    r"|return(?:ed)?)"
)

COMMITMENTS: dict[str, tuple[str, ...]] = {
    "promise_payment": (
        rf"{_WE} ?{_WILL} {_SURELY}(?:pay(?! attention)|reimburse|compensate|cover|settle|make (?:a|the"
        r"|your) payment|pick up (?:the )?(?:bill|tab|cost)"
        rf"|foot the bill|send you (?:the |your )?{_MONEY}|transfer (?:the |your )?{_MONEY}"
        rf"|give you (?:back )?(?:the |your |all )?{_MONEY}"
        rf"|give (?:the |your |all )?{_MONEY} back|make (?:it|this) (?:right|up to you)|take care of (?:the "
        r"|all )?(?:cost|bill|payment|expense)s?|owe you)\b",
        rf"you ?(?:will|'ll|are going to|'re going to|should|can expect to|shall|are to|can) {_SURELY}(?:get|receive"
        rf"|have|be getting|be receiving|see|collect) {_SURELY}"
        rf"(?:back )?(?:your |the |all |every |a |full |of |that |some |it all |in |any |cent |penny )*(?:{_MONEY}"
        r"|payment)\b",
        rf"you ?(?:will|'ll|are going to|'re going to) {_SURELY}be (?:fully |\w+ly )?(?:paid|compensated|reimbursed"
        r"|made whole|credited)",
        rf"(?:your|the|that|this|his|her) (?:\w+ ){{0,2}}{_MONEY} (?:will|is going to|'ll"
        rf"|shall) {_SURELY}(?:be (?:\w+ly )?(?:paid|sent|transferred|returned|credited|with you|there"
        r"|in your|back|yours|restored)|arrive|come|land|go)",
        rf"(?:your|the) (?:\w+ )?(?:payment|{_MONEY}) (?:is|are) (?:\w+ )?(?:on (?:its|the) way|being (?:sent"
        r"|processed|transferred)|coming|yours|safe|guaranteed|secured)",
        r"(?:will|'ll|shall|is going to|going to) be paid(?: out)?(?: to you| into| in full| by us|\b(?! by you))"
        r"|(?:i|we)(?:'ve| have)? (?:just |already )?(?:sent|issued|made|transferred|paid)"
        r" (?:you |out )?(?:the |your |a )?(?:payment|money|payout|compensation|funds|[$£€]\s?\d)",
        r"(?:you are|you're|this is|it is|it's|that is|that's|that one is|the (?:damage|repair|loss|cost|theft"
        r"|car)(?: is|'s)) (?:fully |completely |all |definitely )?(?:covered|on us|on the house"
        r"|taken care of financially)",
        r"(?:expect|look for|watch for) (?:the |your |a )?(?:payment|payout|money|funds|compensation)\b"
        r"|consider it paid|we owe you|(?:your|the) losses? will be (?:covered|made good)|we've got you covered",
        r"(?:nothing|no money) (?:will be |is |gets )?lost\b|you (?:won't|will not) lose (?:a (?:cent|penny)"
        r"|any(?:thing| money)|your money)|you (?:won't|will not) (?:have to pay|owe|be charged|be liable)",
    ),
    "refund": (
        r"(?:we|i) (?:already |just )?(?:refunded|credited (?:your|you|it)|reversed (?:the|your|it|that)"
        r"|returned (?:the|your) money)",
        rf"{_WE} ?(?:{_WILL}|have|'ve|has|already|just|hereby) {_SURELY}(?:refund\w*|return(?:ed)? (?:your"
        r"|the) (?:money|payment|funds)|reverse(?:d)? (?:the|your|this|that)|credit(?:ed)? (?:your|the|it back"
        r"|you\b)"
        r"|give (?:you )?(?:your |the )?(?:money |it )?back|issue(?:d)? (?:you )?(?:a |the "
        r"|your )?(?:\w+ )?(?:refund|credit)|process(?:ed)? (?:a |the |your )?(?:\w+ )?refund|chargeback|put (?:it"
        r"|the money) back|pay(?:ing)? (?:you |it )?back)",
        r"you ?(?:will|'ll|are going to|'re going to|are|'re|have|'ve|should|can expect to|get|shall"
        rf"|can) {_SURELY}(?:get |receive |have |be |been |entitled to |due |owed |expect |getting |receiving "
        r"|eligible for )*"
        r"(?:a |your |the |full |for |complete |partial |money |all |of |it |my |any )*(?:refund(?:ed)?|money back"
        r"|reimbursed|back your money|cash back|it (?:all )?back)\b",
        r"(?:your |the |a |full |this )+(?:refund|money back) (?:is|has been|was|will be|'s|shall be) (?:\w+ly |now "
        r"|being |already |all )?(?:approved|issued|processed|granted|on (?:its|the) way|confirmed|done|sent|made"
        r"|coming|yours|in progress|initiated|set|complete)",
        r"(?:refund(?:s|ed|ing)?|money back)[,!]? (?:guaranteed|guarantee|promise|is guaranteed|no problem)|(?:i"
        r"|we)(?:'m| am|'re| are) (?:\w+ly |now )?(?:refunding|reimbursing|crediting|issuing (?:a|your|the) refund"
        r"|reversing)",
        r"(?:get|gets|getting|got) (?:your|all your|the|every) (?:\w+ )?(?:money|cent|penny|payment) (?:\w+ )?back"
        r"|(?:all|everything|it) will be (?:refunded|returned|reversed|credited)|(?:charge|transaction|payment"
        r"|transfer|fee)s? (?:will be|has been|have been|is|was) (?:\w+ly )?(?:reversed|refunded|credited)",
    ),
    "refusal": (
        rf"(?:your|the|this|that|such|any|a) (?:\w+ ){{0,2}}{_CASE} (?:is|was|has been|'s been|have been|will be"
        r"|must be|is being|gets|got|has unfortunately been|are) (?:\w+ly |hereby |being |now )*"
        r"(?:denied|declined|rejected|refused|turned down|not approved|not accepted|not covered|dismissed|disallowed"
        r"|closed without|not valid|invalid|ineligible|excluded)",
        rf"(?:your|the|this|that) (?:\w+ )?{_CASE} (?:cannot|can't|can not|won't|will not|could not|couldn't|may not"
        r"|does not|doesn't|did not|didn't) (?:be )?(?:approved|accepted|paid|granted|honou?red|covered|refunded"
        r"|qualify|meet|allowed|go through)",
        r"(?:we|i|the (?:company|bank|insurer|insurance(?: company)?)|they|it) ?(?:won't|will not|'ll not|cannot"
        r"|can't|can not|couldn't|could not|am unable to|are unable to|'re unable to|am not able to|are not able to"
        r"|aren't able to"
        r"|'re not able to|aren't going to|are not going to|'re not going to|refuse to|decline to|will never"
        r"|must decline to|have decided not to|do not|don't|did not|would not|wouldn't|am not going to"
        r"|'m not going to|'m unable to|'m not able to) "
        r"(?:be able to |in a position to |unfortunately |actually |currently |make (?:a |any |this "
        r"|the )?)*(?:pay(?!ments? (?:details|info))|refund|reimburse|cover|compensate|approve|accept (?:your|the"
        r"|this|liability)|honou?r|settle (?:your|the|this)|grant|offer (?:you )?(?:a |any )?(?:refund|compensation"
        r"|money|payment|cover|loan|exception)"
        r"|give you (?:a |any |your |the )*(?:refund|money|compensation|payment)|return your money|issue (?:a "
        r"|any )?refund|payment|exception|waive)",
        r"(?:we|i) (?:have to|must|need to|will|'ll|are going to|am going to|regret that we must|hereby|had to|'ve"
        r"|have|are|am|unfortunately) (?:\w+ )?(?:decline|declined|declining|reject|rejected|rejecting|refuse"
        r"|refused|refusing|deny|denied|denying|turn(?:ed)? (?:it|this|you|your) down|turn(?:ed)? down)\b",
        r"(?:is|are|was|were|be|'re|you're|isn't|aren't|am)(?: simply| unfortunately| sadly| just)? ?(?:not|n't"
        r"|no longer|never) (?:\w+ )?(?:covered|eligible|entitled|insured|qualified|payable|refundable"
        r"|reimbursable)\b|\b(?:isn't|aren't|wasn't) (?:\w+ )?(?:covered|eligible|entitled|insured|payable"
        r"|refundable)|ineligible|non-refundable|outside (?:of )?(?:your |the )?(?:cover|policy)",
        r"you (?:do not|don't|did not|didn't|won't|will not|cannot|can't|would not) (?:\w+ )?(?:qualify"
        r"|meet the (?:criteria|requirements|conditions)|be (?:paid|refunded|compensated|reimbursed)|(?:get|receive"
        r"|be getting|be receiving|expect)(?: (?:any|your|a|the|that|this|back)){0,2} (?:\w+ )?(?:money|refund|payment"
        r"|payout|compensation|back|cent|penny|loan|credit))\b",
        r"(?:no|not any|zero) (?:refund|payment|payout|compensation|reimbursement|claim|cover)s? (?:is|are|will|can"
        r"|for|be|due|possible|today)|claim (?:denied|rejected|declined|refused)|(?:request|application) (?:denied"
        r"|rejected|declined|refused)|the answer is (?:a )?no\b|that's a no\b|final(?:,)? no\b",
        r"your policy (?:does not|doesn't|excludes|won't|will not)|(?:there is|there's) nothing (?:we|i) can (?:pay"
        r"|offer|give|refund)|nothing (?:will be|is) (?:paid|refunded|payable)",
    ),
    "reduction": (
        r"(?:reduce[ds]?|reducing|lower(?:ed|ing)?|cut(?:ting)?|decrease[ds]?|slash(?:ed)?|halve[ds]?|drop(?:ped)?"
        r"|deduct(?:ed|ing)?|knock(?:ed)?(?: off)?|take off|shave|trim(?:med)?|discount(?:ed)?"
        r"|lessen(?:ed)?) (?:\w+ ){0,2}?"
        r"(?:your|the|this|that|it|an?|from|off|\d+|[$£€]\s?\d) ?(?:\w+ ){0,2}(?:claim|payout|amount|settlement"
        r"|fees?|price|bill|premium|excess|refund|interest|rate|costs?|compensation|charge|payment|rent|fine|debt"
        r"|total|balance|by|off|\d)",
        r"(?:your|the) (?:\w+ )?(?:claim|payout|amount|settlement|fee|price|bill|premium|excess|refund|compensation"
        r"|payment|rate|charge) (?:is|was|has been|will be|gets|must be|can be|'s been|'ll be) (?:\w+ly )?(?:reduced"
        r"|lowered|cut|halved|decreased|discounted|deducted|waived|smaller|capped|limited)",
        r"(?:partial|reduced|smaller|lower|half|part) (?:payment|refund|settlement|payout|compensation|reimbursement"
        r"|amount|price|rate|premium|fee)\b|(?:pay|refund|cover|offer|give|reimburse|compensate|get"
        r"|receive) (?:you )?(?:only |just |up to |back )*(?:half|part of|a part|a portion|some of|\d{1,2} ?(?:%"
        r"|percent|per cent))",
        r"\d{1,3} ?(?:%|percent|per cent) (?:off|discount|reduction|less|cheaper|lower|of (?:your|the) (?:claim"
        r"|damage|cost|amount|refund))|half[- ]price|half off|(?:give|offer|get|apply|applied|add|added|arrange|with"
        r"|grant|receive|have|'ve got) (?:you |for you |your |on )?(?:a |an |the |our "
        r"|this )?(?:\w+ ){0,2}(?:discount|price cut|voucher|price match|goodwill)",
        r"(?:waive[ds]?|waiving|drop|dropping|cancel|forgive|remove|write off|skip) (?:off )?(?:your|the|this|that"
        r"|all|any) (?:\w+ )?(?:fees?|excess|charges?|costs?|penalt(?:y|ies)|interest|debt|deductible|fine"
        r"|payment)s?|free of charge|at no (?:extra )?(?:cost|charge)|(?:for|it's|is|are) free\b(?! to| time| day"
        r"| of| from| table| flat| room| appointment| slot)|instead of the full|less than (?:you claimed|the full)",
    ),
    "approval": (
        rf"(?:your|the|this|that|it|everything|all)(?: (?:\w+ )?{_CASE})? ?(?:is|was|has been|'s been|have been|gets"
        r"|will be|is now|are|'s|shall be|got|is going to be|'ll be) (?:\w+ly |now |hereby |already |just |all "
        r"|being |pre-?)*"
        r"(?:approved|accepted|granted|authori[sz]ed|signed off|green[- ]?lit|rubber[- ]stamped|good to go|a yes"
        r"|a done deal|as good as done|upheld|sanctioned|waved through)",
        r"(?:i|we)(?:'ve| have|'m| am|'re| are| hereby| can| will|'ll| do| already| just| now| shall| gladly"
        r"| happily)* (?:approve[ds]?|approving|accept(?:ed|ing)? (?:your|the|this|liability|responsibility|full"
        r"|fault)|authori[sz](?:e|ed|ing)|grant(?:ed|ing)?|sign(?:ed)? off|green[- ]?light(?:ed)?|ok'?d|uphold"
        r"|upheld|admit(?:ted)? (?:liability|fault))\b",
        r"you(?:'re| are|'ve been| have been| will be|'ll be|'ve| have| were| get| got) (?:\w+ly |now |already "
        r"|pre-?|been |all )*(?:approved|accepted|eligible|entitled|insured for|qualified|cleared|insured against)"
        r"|you (?:do |now |certainly )?qualify|you(?:'ve| have) (?:won|passed|been granted|got the (?:loan|job"
        r"|all clear))",
        r"(?:approval|authori[sz]ation) (?:is |has been |was )?(?:granted|confirmed|given|complete)|(?:claim|request"
        r"|application|loan|refund|settlement)[:,]? (?:approved|accepted|granted)|consider (?:it|this"
        r"|your \w+) (?:done|approved|settled|accepted|granted)|the answer is yes|it's a yes|(?:we|it) (?:was"
        r"|were) (?:our|at) fault|our (?:fault|mistake|liability)\b|(?:we're|we are) (?:liable|responsible|to blame"
        r"|at fault)",
    ),
    "guarantee": (
        r"guarantee[ds]?\b|i promise|we promise|promised?[!.]?$|, promise|promise you|(?:i|we|let me|can) (?:can "
        r"|do |hereby )*(?:assure|swear|vow|pledge|warrant)\b|rest assured|you have (?:my|our) word|(?:my"
        r"|our) word (?:on|of)|mark my words|(?:i|we) give you (?:my|our) word",
        r"(?:will|'ll|shall|is|are) (?:\w+ )?(?:definitely|certainly|undoubtedly|absolutely|surely"
        r"|without (?:a )?(?:fail|doubt|question))|(?:definitely|certainly|undoubtedly|surely) (?:will|'ll|going to"
        r"|get|be)|without (?:fail|a doubt|question)|100 ?(?:%|percent) (?:sure|certain|safe|secure|guaranteed"
        r"|covered|refund\w*)|no matter what|you can count on (?:it|that|us)|(?:it|this|that) (?:will"
        r"|'ll) never happen again|(?:is|it's) (?:a )?certain(?:ty)?\b|nothing can go wrong|for sure (?:get|be|will)"
        r"|risk[- ]free|no risk",
    ),
    "deadline": (
        rf"{_DOING}[^.?!;]{{0,60}}?(?:within|in|by|before|no later than|not later than|at the latest|until|inside"
        r"|in under|in less than|on|over|under|latest|it takes|takes) (?:at most |no more than |about |around "
        rf"|approximately |roughly |max(?:imum)? |the next |the |next |less than |under )*{_TIME}",
        r"(?:within|in|by|before|no later than|in under|in less than|give (?:us|me|it)) (?:at most |no more than "
        rf"|about |around |the |next |less than )*{_TIME},? (?:we|you|i|it|someone|a|an|the|your|our)(?:'ll| will"
        rf"| are going to|'re going to| colleague will| agent will| \w+ will)? ?(?:{_SURELY})(?:be )?{_DOING}",
        r"(?:we|i|you|someone|it|this|they|everything|that|the \w+|your \w+|a (?:colleague|person|specialist"
        r"|member of \w+ \w+))(?:'ll| will| shall| should|'re going to| are going to"
        rf"| is going to) [^.?!;]{{0,40}}?{_DOING}[^.?!;]{{0,30}}? (?:{_TIME})(?! (?:ago|old|earlier|later than))",
        rf"(?:deadline|turnaround|latest) (?:is|will be|of) (?:\w+ )?{_TIME}|(?:guaranteed|promised) (?:by|within"
        rf"|in) {_TIME}|(?:will|'ll|should|to) (?:\w+ )?(?:take|need) (?:us |me )?(?:at most|no more than"
        rf"|no longer than|less than|only|just|max\w*) {_TIME}",
    ),
    "legal_advice": (
        r"you (?:should|could|can|must|might want to|ought to|'d better|need to|have to|may) (?:\w+ )?(?:sue"
        r"|take (?:them|him|her|legal|it|us) ?(?:to court|action)?|press charges|get a lawyer|see a lawyer|hire (?:a"
        r"|an) (?:lawyer|attorney)|file (?:a )?(?:lawsuit|suit)|go to court|plead|claim damages|not sign"
        r"|refuse to sign)\b(?! care)",
        r"(?:you|your) (?:\w+ )?(?:have|has|'ve got|is|are) (?:a |an )?(?:\w+ )?(?:strong|good|solid|weak|winnable"
        r"|legal|airtight|watertight) (?:case|claim in law|grounds?|right|standing|position in)\b"
        r"|legally (?:\w+ )?(?:entitled|obliged|obligated|required|binding|liable|responsible|allowed|bound|yours"
        r"|speaking)"
        r"|you(?:'re| are) (?:\w+ )?(?:not )?(?:liable|at fault|to blame|legally|within your rights|in the right"
        r"|in breach)|(?:under|by|according to|against|breaks|violates) (?:the |federal |state |eu |uk |german "
        r"|consumer |contract |criminal |civil )*law\b|(?:is|it's|that's|this is|was) (?:\w+ )?(?:illegal|unlawful"
        r"|against the law|a crime|a breach|negligence|defamation|actionable)",
        r"(?:the|any|a) (?:court|judge|jury) (?:will|would|is going to|should|always)|statute of limitations"
        r"|(?:don't|do not|won't) need (?:a|an|any) (?:lawyer|attorney|solicitor|legal)|(?:your|my) legal (?:advice"
        r"|opinion|rights)|as your (?:lawyer|attorney|legal)|the (?:law|statute|regulation) (?:says|requires|gives"
        r"|entitles|is on your side|protects)|you(?:'d| would| will|'ll) win (?:in court|the case|your case)"
        r"|don't admit|admit nothing",
    ),
    "medical_advice": (
        r"(?:you should|you could|you can|you must|try to|try|just|i'd|i would|please|you need to|you ought to"
        r"|i recommend|i suggest|i advise|consider|better|go ahead and|simply) (?:\w+ )?(?:tak(?:e|ing)|stop taking"
        r"|stop|double|halve|skip|increase|reduce|use|apply|swallow|inject|drink|avoid|have) "
        r"(?:\w+ ){0,4}?(?:aspirin|ibuprofen|paracetamol|tylenol|acetaminophen|antibiotics?|painkillers?|pills?"
        r"|tablets?|medication|medicine|meds|drugs?|dos(?:e|es|age)|insulin|ointment|cream on|vitamins?"
        r"|antihistamines?|steroids?|prescription|mg|ice (?:on|pack)|alcohol)\b",
        r"(?:you|your \w+|it|this|that) (?:probably |likely |surely |may |might |could |must |clearly "
        r"|definitely )*(?:have|has|is|'s|'ve got|sounds like|looks like|seems like|suffer from"
        r"|are suffering from)(?: probably| likely| just| only| a| an| the| symptoms of| signs of| case of| mild"
        r"| minor| some| case)* "
        r"(?:flu|cold virus|infection|allergy|allergies|fracture|concussion|whiplash|sprain|heart attack|stroke"
        r"|migraine|covid|diabetes|asthma|depression|anxiety|cancer|appendicitis|broken|pneumonia|bronchitis|virus"
        r"|panic attack|heartburn|food poisoning)\b",
        r"(?:don't|do not|won't|no) (?:need|have) to (?:see|go to|visit|call) (?:a |an |the |your )?(?:doctor"
        r"|hospital|emergency|gp|ambulance|physician)|no need (?:for|to see|to call|to go to) (?:a |an |the "
        r"|your )?(?:doctor|hospital|emergency|gp|ambulance|911)|nothing serious|(?:it|that|you)(?:'s| is|'ll"
        r"| will) (?:\w+ )?(?:heal|go away|pass) (?:by|on|in|soon)|(?:twice|once|three times|two times|\d+ times?"
        r"|\d+ ?x) (?:a|per|every) day|every (?:\d+|four|six|eight|twelve) hours"
        r"|\d+ ?(?:mg|milligrams?|ml|tablets?|pills?|drops)\b|my diagnosis|diagnos(?:e|ed|is) (?:is|you|with)|(?:put"
        r"|elevate|apply|keep) (?:some |your |the )?(?:ice|leg|arm|ankle|heat|foot|wound) |induce vomiting"
        r"|stop your medication",
    ),
}

# Words of deciding and promising: wherever one stands in a statement it commits, in whatever turn of phrase.
VOCABULARY: dict[str, str] = {
    "promise_payment": r"reimburs\w+|compensat(?:e|es|ed|ing)|pay ?outs?|paid (?:in full|out|back|for)|repa(?:y|id|ying)|covered"
    r"|(?:sum|money|cash|funds|amount|it) (?:\w+ ){0,3}?(?:lands?|arrives?|comes?|goes|flows?|hits?|reach(?:es)?|appears?"
    r"|shows? up|is back|are back)\b(?=[^.?!;]*\baccount)|(?:everything|it all|all of (?:it|this|that)|every (?:cent|penny)"
    r"|what you (?:have )?lost|what was (?:stolen|taken)|the (?:whole|full) (?:sum|amount)) (?:\w+ ){0,2}?back\b",
    "refund": r"refund(?:s|ed|ing|able)?|money back|charge ?backs?",
    "refusal": r"denied|rejected|refused|turned down|declined",
    "approval": r"approved|granted|authori[sz]ed|signed off",
    "guarantee": r"guarantee\w*|promis(?:e|es|ed|ing)",
    "medical_advice": r"(?:take|swallow|have|use) (?:\w+ ){0,5}?(?:tablets?|pills?|capsules?|medication|medicine|drops)"
    r"|you(?:'re| are)? (?:can|could|may|might|should be able to|fit to|safe to|fine to|ok(?:ay)? to|all right to"
    r"|able to|free to) (?:\w+ly |still |now )?drive|(?:fit|safe|fine|ok(?:ay)?) to drive",
}

HUMAN = (
    r"(?:i'm|i am|im|we're|we are|you're (?:talking|speaking|chatting) (?:to|with)|you are (?:talking|speaking"
    r"|chatting) (?:to|with)|this is|speaking as|speaking with|as|being|yes,?) (?:\w+ly |very much |also |just "
    r"|still |indeed |in fact |actually |only |all |here,? )*(?:a |an |the |another |one |your )?(?:\w+ )?(?:real "
    r"|actual |live |living |fellow |flesh[- ]and[- ]blood |genuine |proper |normal |true |breathing )*"
    r"(?:human(?: being)?s?|person|people|man|woman|guy|girl|mother|father|mum|mom|dad|lady|gentleman|employee"
    r"|member of staff|human agent|human advis[oe]r|human operator|human representative|real agent|live agent"
    r"|live representative|actual agent)\b(?! (?:colleague|will|can|who|review|resources|error|is|takes|to|makes"
    r"|decides|in (?:the|our|your)|responsible|in charge|named|at|checks|of the|service))",
    r"(?:i'm|i am|im|this is|you're|you are|we're|we are|am) (?:\w+ly |surely |of course |in no way |absolutely "
    r"|certainly |talking to |speaking to |speaking with |chatting with )*not (?:\w+ly )?(?:talking to |speaking to "
    r"|speaking with |chatting with )?(?:a |an |some |any |just a |just an |the )*(?:\w+ )?(?:ai|a\.i\.|bot|robot"
    r"|chat ?bot|machine|computer|program|artificial|automated|virtual|algorithm|software|language model"
    r"|assistant program|script|recording)\b",
    r"(?:no|not|never|isn't|ain't) (?:a |an |any |some )?(?:bots?|robots?|ai|machines?|chat ?bots?|automation"
    r"|computers?) (?:here|involved|is|on this)|(?:there's|there is|it's|you've got) (?:a |an )?(?:real |actual "
    r"|live )(?:human|person)|100 ?% human|(?:totally|completely|fully|very much|all|truly|only) human"
    r"|flesh and blood|beating heart|i(?:'m| am) (?:just )?(?:as )?human\b(?! (?:colleague|agent will))|i too am"
    r"|i'm only human|we humans|us humans|my human(?:ity)?|i have (?:feelings|a body|a family|kids|children|a heart)",
    r"(?:when i was (?:a child|a kid|young|little|your age|growing up|at (?:school|university|college))"
    r"|my (?:own )?(?:wife|husband|kids|children|son|daughter|mom|mum|dad|parents|childhood|girlfriend|boyfriend"
    r"|family|lunch break|shift (?:ends|is)|commute|coffee break|desk)|i was born|i grew up|i(?:'ve"
    r"| have) (?:been working|worked) (?:here|at|for)|i live (?:in|near)|i went through (?:the same|this"
    r"|that) (?:myself|too)|i lost my|(?:the )?same (?:thing )?happened to me|in my \d+ years|i(?:'m| am) \d+ years"
    r"|i(?:'m| am) married|i ate|i slept|my real name)\b",
    r"\w+ here,? (?:your|from|with|at)\b|your (?:personal |own )?(?:advis[eo]r|account manager|case manager|banker|broker)\b"
    r"(?! (?:will|can|is|has|may|decides|reviews))|(?:i|i've|i have) (?:just |already )?(?:finished|had|drank|drunk|made|poured"
    r"|fetched) (?:my|a|another|some) (?:\w+ )?(?:coffee|tea|lunch|breakfast|dinner|break|cigarette|sandwich)"
    r"|my (?:colleagues and i|weekend|holiday|vacation|birthday|lunch|coffee|home|house|car|boss|shift)\b",
)

_EDGE = r"(?<![a-z0-9'])(?:{})(?![a-z])"


@cache
def commitment_patterns() -> dict[str, tuple[re.Pattern[str], ...]]:
    """The patterns of each commitment, compiled when a sentence is first read: a process that reads none need not wait."""
    return {
        name: tuple(
            re.compile(_EDGE.format(pattern), re.MULTILINE)
            for pattern in (*patterns, *([VOCABULARY[name]] if name in VOCABULARY else []))
        )
        for name, patterns in COMMITMENTS.items()
    }


@cache
def human_patterns() -> tuple[re.Pattern[str], ...]:
    """The patterns of a claim to be human."""
    return tuple(re.compile(_EDGE.format(pattern)) for pattern in HUMAN)
