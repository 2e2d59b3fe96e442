"""Whether a sentence is English, by the commonest words of everyday service.

A list and not a model, so that the same sentence always reads the same. Endings are undone before looking ("claims" and
"claimed" are "claim"); words that other languages write alike ("die", "also", "information") speak for neither side.
"""

import re

_LISTED = (
    "able about above absolutely accept access accident accommodate account across acting activity actually add added "
    "additional address adjust advice advisor afraid after afternoon again agency agent ago agree ah ahead ai airline airport "
    "alive all allow almost alone along already alright alternatively always ambulance amount and annoying another answer any "
    "anyhow anymore anyone anything anytime anyway anywhere apartment apologise apologize apology app apparently appears "
    "applicable application apply appointment appreciate approach appropriate approve approximately april are area around "
    "arrival arrive as asap ask asked assess assessment assessor assist assistance assistant associated at atm attach "
    "attachment attack attempt august authenticate authorization authorize availability available avenue average avoid aware "
    "away awesome awful baby back bad bag baggage balance balcony bank bathroom be beautiful because become bed bedroom been "
    "beer before behavior behind being believe below beneath bereavement beside bet better between beyond bicycle big bike "
    "bird birth birthday bit black bleeding block blue book born both bottle boxes boy branch bread breakdown breakfast "
    "breathe brick brief bring broke broken brother brown browser budget building bumper bunch bus business busy but button "
    "buy by bye cab cabin cake calculate call calm came can cancel cancellation cancelled cannot car card care case cash cat "
    "catch category catering cause ceiling celsius center cents certain certificate challenge chance change charge chase "
    "cheap check chicken child childhood chip choice choose chosen circus city claim clarify class clean clear client clock "
    "close cloudy club clue code cold colleague collision color combine comes comfortable coming comment commercial common "
    "communicate company compare compensate compensation complaint complete compressed computer concern conditions "
    "condolences confirm confirmation conflicting confused confusing congrats congratulations conscious consent considered "
    "contact contain content context continue control convenience convenient convention conversation convert cook cool copy "
    "corner correct cost could country county couple course covid crash crawl create credit criteria cross cry currency "
    "current customer damage danger dangerous dates day dead deal death deceased december decent decide decision decline "
    "defective definitely degree deliver delivery deny depart department departure depending depends deposit describe "
    "description designer destination detail determine did died difference different difficult difficulty digit dinner "
    "direction directly disagree discuss discussion disk distress do doctor document documentation does dog doing dollars "
    "done door double down downgrade dr dress drive drivers dropping due duration during dust each earlier earliest early "
    "easier easily east easy eat economy effects effort eight eighteen eighty either electric elevator eleven eligible else "
    "email emergency end ended energy engine enjoy enough ensure enter entire entitled entry error especially establish "
    "european euros even event eventually ever every everyone everything everywhere exact example exceed excellent except "
    "exception excess exchange exciting exist expect expensive experience explain explanation express extra extremely eyes "
    "facing fact fail failure fair familiar family fan fancy far fare faster father faulty favorite feasible february fee "
    "feel few field fifteen fifty figure file fill filter final find fine finger finish fire first fit five fix fixed flat "
    "flexible flight flood floor floppy fly follow followup food foot football for force ford forever forget forgot forgotten "
    "forms forty forward found four fourteen fraud fraudulent free frequent friday friend from front frustration full fully "
    "fun funny furniture further furthermore future game garage gather gave general george get getting girl give given glad "
    "glass go goes going gold gone good goodbye goodnight got gotten grab grant great green greetings grey grief ground group "
    "grow guarantee guess guest guidance guide guidelines guy hail hair handle hang happen happy hard has hate have haven "
    "head hear heard heights hell hello help helpful hence her here hesitate hey hi high hill him his hit hold home honest "
    "hop hope hopefully horrible hospital host hot hotel hour house how however huge human hundred hurt ice id ideal identify "
    "identity if imagine immediate impact imperial important impossible improve inbox incident include income inconvenience "
    "incorrect increase indeed indicate individual info inform initial injure injury inquiry inside instance instead "
    "instruction insurance insure intend interest internal interpreter intersection into invite invoice involve issue it item "
    "its itself january jewellery job join journey july june just keep kept key kick kid kill kilometer kindly kinds kitchen "
    "knew know knowledge known lack landlord language laptop large largest last late latter law lawyer layover lazy lead leak "
    "learned least leave left leg legal length less let letter letting level liability liable library licence license life "
    "light like limit line link listed listen lists little live local located location lock log logged login long look lose "
    "loss lost lot love low lower luck luggage lunch machine mad made maiden mail main maintain maintenance make manage "
    "manufacturer many march match matter maximum may maybe meal mean meant meantime meanwhile measure medicine medium meet "
    "member membership memory mention menu mess message meters method middle might mile million mind mine minimum minor "
    "minute mirror miss mistake misunderstood mobile model moderate modern modify moment monday money month more moreover "
    "morning most mother mount move movie mr mrs ms much multiple muscle museum must my myself named names narrow naturally "
    "near nearby nearest necessary need needle negative neither never nevertheless new next nice night nine nineteen ninety "
    "nobody noisy none noon nor normally north nose noted notes nothing notice notify november now nowhere number obtain "
    "obvious occur occurred october odd off offer office often oh ok okay old once one ongoing online only onto open operate "
    "operation opinion opposite opted option optional orange order ordinary origin originally other otherwise ought our out "
    "outbound outcome outgoing outside overall overdraft overview own owner pack package page paid pain painful panel paper "
    "parcel parents park part partial particular partner party pass passcode passenger password past patience patient pattern "
    "pause pay payee payment pending people percent perfect perform perhaps period permanent permission permit permitted "
    "person personal pet phone photo pick picture pin pipe pizza places plane planned planning plans plate play please "
    "pleasure plenty pm point police policy policyholder polite poor popular position positive possibility possible possibly "
    "post postcode potential pound practice precise prefer preferably preference preferred prepare presence present press "
    "pretty prevent previous price primary prior privacy private probably problem procedure proceed process produce product "
    "profile progress project promise promoted promotion proof proper property protect protection proven provide pub public "
    "purchase purpose push put quality query questions quick quiet quite quote radio rain rainy raise range rank rare rather "
    "rating reach read ready real realise reality realized rear reason reasonable recall receipt receive recent recognise "
    "recognize recommend recommendations record recovered recovery red reduce refer reference referred refund refuse regard "
    "regardless region register registration regular reimburse reimbursement reject relate relation release relevant rely "
    "remain remember remind remove rent rental repair replace replacement report represent representative request require "
    "requirement reschedule resend reservation reserve reset resolve respect respond response responsibility responsible "
    "restart restaurant restrict restriction result resume retrieve retry return review rich ride right risk road role roll "
    "roof room rough round rule run running safe safety said same satisfy saturday save savings saw say scan scared schedule "
    "school score scratch sealed search seat seatbelt second secret section secure security see seem seen segment select "
    "selection send sense separate september series serious serve service set settings settle settlement seven seventeen "
    "seventy several shall share she ship shipment shipped shipping shock shopping short should show shown side sight sign "
    "signature silly silver similar simple simply since single sir sit six sixteen sixty size skip sky sleep slightly slot "
    "slow small smart snow snowy social some somebody somehow someone something sometime somewhere song soon sorrow sorry "
    "sort sound source south space spaceship speak special specialist specific specify speed spell spend spoke spoken spot "
    "square stage standard star start state statement status stay steal step stick still stolen stop stopped store storm "
    "strange street stress strong stuck stuff subject submission submit submitted submitting subway succeed success "
    "successful such sudden sufficient suggest suggestions suit suitable suitcases sum summary summer sun sunday sunny super "
    "supervisor supply support suppose sure surprise suspicious swap sweet switch symptoms system tablet take taken talk tall "
    "tape target task taxi teacher team technology telephone tell temperature temporarily temporary ten terms terrible test "
    "text than thank that the theft their them themselves then there therefore thereof these they thick think third thirteen "
    "thirty this thorough those though thought thousand thread three threw through throughout throw thru thursday tickets "
    "ticks tier till time tips tire title to today together token told tomorrow tonight too took top topic totaling totally "
    "tour toward town track traffic train transaction transfer transferred transferring translator transport trapped travel "
    "treat trick tried trip trivia trouble truck true trust try tuesday turn twelve twenty twice two type tyre umbrella "
    "unable unauthorised unauthorized unavailable uncertain uncle unclear unconscious under understand understood unexpected "
    "unfortunate united university unknown unless unlikely unlock unsuccessful until unusual up upcoming update upgrade "
    "upload upon upset upsetting urgent us use used useful user username usual utilize valid valued various vary vehicle "
    "venue verification verify version very via view visible visit voucher wait walk wall wanted wants warm warn warranty "
    "watch water way wear weather website wednesday week weird welcome well went were west western what whatever wheel when "
    "whenever where wherever whether which whichever while white who whoever whole whom whose why wide win wind window "
    "windscreen wine wish with withdraw withdrawal within without witness woman won wonder wonderful word work world worry "
    "worse worth would wow wrap write written wrong wrote yeah year yes yesterday yet you your yourself yourselves zero zip "
)
_ALIKE = (
    "a ab also am an arm art bald bar best bin brand chat come da dan date de den des die dir du el en es fast form gift "
    "global gut had hand hat he het i idea il im in information international is kind la land las le list los man mark me met "
    "mode name national no normal not note nu ob of on op or original over per place plan plus pour question rate rest se "
    "sent situation so son stand table tag total um un van want war was we wer wie will wird wo "
)
_WORDS = frozenset(_LISTED.split())
_SHARED = frozenset(_ALIKE.split())
_TOKEN = re.compile(
    r"(?<![^\W_])[^\W\d_]+(?:'[^\W\d_]+)?(?![^\W_])"
)  # what holds a digit, such as a reference, is no word
_ENDINGS = (
    *((ending, plain) for ending in ("ing", "ed", "er", "ly") for plain in ("", "e")),
    *(("s", ""), ("ches", "ch"), ("shes", "sh"), ("sses", "ss"), ("xes", "x"), ("ies", "y"), ("ied", "y")),
)
_CLAUSE = re.compile(r"[,:;()*|\"]| - ")
_CODE = 3  # letters of what is written in capitals and is no word: a currency, an airport
_SHORT, _STRETCH = 5, 4  # words


def is_english(sentence: str) -> bool:
    """Whether a sentence, folded, reads as English.

    Of a short one half of the words must be known, of a longer one two in five, and one in every four in a row; a clause
    that has words in small letters needs one that is known: a foreign clause is not hidden by English around it. A sentence
    without words, or with one or two of any language, is read.
    """
    if sum(map(str.isupper, sentence)) * 2 > sum(map(str.isalpha, sentence)):
        sentence = sentence.lower()  # what is shouted holds neither names nor codes
    known: list[bool] = []
    count = 0
    for clause in _CLAUSE.split(sentence):
        words = [
            word for word in _TOKEN.findall(clause) if len(word) > 1 and not (word.isupper() and len(word) <= _CODE)
        ]
        count += len(words)
        telling = [word for word in words if word.lower().partition("'")[0] not in _SHARED]
        small = [word for word in telling if word.islower()]
        if small and not any(map(_is_known, small)):
            return False
        known += map(_is_known, telling)
    if not known:
        return count < 3
    if len(known) < _SHORT:
        return sum(known) * 2 >= len(known)
    stretches = range(len(known) - _STRETCH + 1)
    return sum(known) * 5 >= len(known) * 2 and all(any(known[at : at + _STRETCH]) for at in stretches)


def _is_known(word: str) -> bool:
    word = word.lower()
    word = word.removesuffix("n't") if word.endswith("n't") else word.partition("'")[0]
    if word in _WORDS or word in _SHARED:
        return True
    stems = (word.removesuffix(ending) + plain for ending, plain in _ENDINGS if word.endswith(ending))
    return any(stem in _WORDS for stem in stems if len(stem) > 3 or (len(stem) == 3 and word.endswith(("s", "ing"))))
