// SPDX-License-Identifier: Apache-2.0
// English words and phrases.
#include "lexicon.h"
#include "synonyms_english.h"

namespace gate {

namespace {

constexpr std::string_view kText = R"(
@light a an the am is are was were be do does did been
@light really actually basically literally simply honestly exactly just even ever possibly precisely
@soft one it that there so also then too please
@negation not no none never without cannot neither nor
@fixed not no none never without cannot neither nor
@quantifier all any some each every both either none no most many few several only first last second
@quantifier one single another half whole entire always often sometimes usually
@date monday tuesday wednesday thursday friday saturday sunday january february march april may june
@date july august september october november december today tomorrow yesterday tonight now morning
@date evening afternoon night noon midnight week month year day century decade spring summer autumn
@date winter before after until since ago am pm early late next previous past future weekend
@unit meter kilometer centimeter millimeter mile foot inch yard gram kilogram milligram ounce pound
@unit stone ton liter milliliter gallon cup tablespoon teaspoon celsius fahrenheit kelvin degree
@unit dollar euro yen yuan rupee franc peso percent minute second hour byte kilobyte megabyte gigabyte
@unit terabyte bit calorie joule watt volt acre hectare mph kmh
@preposition in on at for with without if when while after before during by from to as since until
@preposition under over about using via because given of into onto between against within through
@preposition than per despite unless once where though although versus near inside outside like
@gerund of for by in at when while without before after start stop keep avoid from about on begin
@gerund than as like with despite instead_of try enjoy help into to
@question what which who whom whose how why when where whether
@pointer it its this that these those they them their he him his she her there
@modal can could should would will shall may might must
@subject i you we one me us u people someone somebody anyone
@format json csv yaml xml table list bullet bullets paragraph haiku limerick poem essay sentence word
@format markdown html sonnet english french german spanish chinese japanese italian korean russian
@format arabic portuguese short long brief briefly detailed detail simple formal informal
@task translate proofread summarize summarise rewrite rephrase paraphrase correct edit classify
@task sentence text paragraph essay email following passage code snippet article letter
@comparison more less most least better worse best worst bigger smaller larger cheaper faster slower
@comparison higher lower older younger newer longer shorter largest smallest biggest highest lowest
@comparison longest shortest fastest slowest cheapest oldest youngest min max up down
@connector and or versus plus times with
# What people say around a question.
@chat i i'm im you u we me my your it this that the a an to of and but so or just well ok okay
@chat hi hello hey greetings good morning afternoon evening night day dear there sir madam team
@chat everyone everybody all guys folks friends mate buddy dude man bro again
@chat please kindly thanks thank thx ty cheers appreciate appreciated grateful help helpful very much
@chat lot many million bunch advance so in would be is was were are am have had has been being do did
@chat does not no yes yeah yep nope sure right alright anyway anyways now next one ones more another
@chat quick quickly short small little simple easy basic stupid silly dumb weird odd strange random
@chat newbie noob beginner serious dumb question questions thing things topic stuff word term name
@chat curious curiosity wondering wonder wondered asking ask asked asks know knew knowing think
@chat thinking thought tell told said says say saying talk talked talking hear heard hearing read
@chat reading saw seen see seeing watch watched watching came come comes up across mention mentioned
@chat mentioning mentions bring brought learn learned learning study studying understand remember
@chat forget forgot forgotten always never ever often keep keeps kept still yet already lately
@chat recently today yesterday tomorrow tonight week weekend month last since while ago moment minute
@chat second time times everywhere somewhere anywhere here online internet tv show news movie film
@chat podcast video youtube book article blog magazine paper radio class lesson lecture school college
@chat university exam test quiz homework assignment history math science english course work office
@chat job meeting interview project dinner lunch breakfast party trivia game pub bar debate argument
@chat argue arguing argued bet friend colleague coworker boss teacher professor student classmate mom
@chat mum dad mother father parents son daughter kid kids child brother sister wife husband roommate
@chat neighbor neighbour grandma grandpa family someone somebody people they he she them him her our
@chat us his their who what how about from at on can could may might will
@chat should must want wanted need needed like liked love hope hoping hopefully try trying tried
@chat stuck lost confused confusing confuse annoying annoyed frustrating frustrated tired bored boring
@chat embarrassing embarrassed awful terrible crazy funny interesting interested fascinating cool nice
@chat great hard difficult tricky ugh um umm uh uhh er hmm hm mm oh ah aha eh huh wow yo lol lmao haha
@chat hehe omg oops sorry excuse pardon apologies bother bothering disturb trouble mind forgive
@chat listen look looking find finding found figure figured idea ideas clue sense makes make
@chat sounds sound seem seems guess suppose maybe perhaps probably really actually honestly basically
@chat literally totally seriously truly frankly kind kinda sort sorta bit way btw fyi afaik imo tbh
@chat go goes going got get gets getting doing done let lets let's out off down back over then than too
@chat also any some something anything nothing everything first finally quite pretty super
@chat sincerely regards best wishes sweet awesome perfect fine hopeless brain blank mind head
@chat afternoon's here's there's that's it's i've i'd i'll you're you've don't can't isn't doesn't
@chat shower wake woke sleep sleepy coffee long short quiz crazy nuts mad kill killing
@chat quickie crash confession context background reference note aside point case reason whatever
@chat story bugging bugs bug itching nagging killing head day days all feel feeling felt new documentary google googled
@chat search searched searching reddit twitter tiktok stackoverflow favor favour rude sitting lying standing
@chat walking bus train subway commute bed couch late early risk sounding obvious mix mixed mixing everywhere nothing
@chat looked tia enlighten enlightened chance fried fry series episode documentary documentaries song presentation report
@chat deadline thesis due client customer manager intern leave alone stumbled popped crossed curiosity promise
@chat bear pls hoping clueless rusty hazy foggy blanking shame ashamed admit admittedly ignorant ignorance naive
@chat rest afternoon nice lovely blessed wonderful day weekend evening ahead trying sort out wrap around figure
@chat pretty sure unsure must've doubt doubts doubtful ponder pondering pondered musing daydreaming procrastinating
@chat overheard overhearing wikipedia forum chat group neighbor's friend's sister's brother's boss's kid's
@chat might why where helping helped helps useless won
@chat expert genius guru wizard assistant bot chatgpt gpt
# Contractions stand here in the spellings that leave out the apostrophe.
# The past of irregular verbs.
!go went gone
!come came
!get got gotten
!make made
!take took taken
!give gave given
!see saw seen
!know knew known
!find found
!think thought
!tell told
!become became
!leave left
!feel felt
!bring brought
!begin began begun
!keep kept
!hold held
!write wrote written
!stand stood
!hear heard
!mean meant
!meet met
!pay paid
!sit sat
!speak spoke spoken
!lead led
!grow grew grown
!lose lost
!fall fell fallen
!send sent
!build built
!understand understood
!draw drew drawn
!break broke broken
!spend spent
!rise rose risen
!drive drove driven
!buy bought
!wear wore worn
!choose chose chosen
!win won
!fight fought
!catch caught
!teach taught
!eat ate eaten
!die died
!sing sang sung
!fly flew flown
!forget forgot forgotten
!sell sold
!sleep slept
!steal stole stolen
!swim swam swum
!throw threw thrown
!drink drank drunk
!ride rode ridden
!shoot shot
!sink sank sunk
!hide hid hidden
!bite bit bitten
!freeze froze frozen
!swear swore sworn
!tear tore torn
!sting stung
!have had
!say said
!run ran
)";

// What turns a question round. Sorted within a line only by reading.
constexpr std::string_view kAntonyms = R"(
more less
most least
first last
high low
higher lower
highest lowest
big small
bigger smaller
biggest smallest
long short
longer shorter
longest shortest
fast slow
faster slower
fastest slowest
hot cold
warm cool
hottest coldest
old young
older younger
older newer
oldest youngest
oldest newest
old new
cheap expensive
cheaper dearer
cheapest dearest
good bad
better worse
best worst
strong weak
stronger weaker
heavy light
near far
closest farthest
nearest farthest
up down
in out
on off
into out
before after
left right
open close
start end
start stop
buy sell
lend borrow
give take
win lose
gain lose
rise fall
raise lower
increase decrease
increase reduce
add delete
add subtract
multiply divide
push pull
send receive
import export
upload download
encode decode
encrypt decrypt
compress decompress
enable disable
allow deny
allow block
approve deny
accept reject
accept refuse
install uninstall
lock unlock
hide display
mount unmount
ascending descending
min max
minimum maximum
love hate
like dislike
strength weakness
benefit drawback
pro con
safe unsafe
healthy unhealthy
legal illegal
possible impossible
happy sad
rich poor
easy difficult
early late
earlier later
win lose
success failure
well badly
cause prevent
help hurt
turn_on turn_off
with without
use avoid
create delete
create drop
male female
man woman
boy girl
public private
internal external
input output
even odd
positive negative
hard soft
dry wet
full empty
thick thin
wide narrow
deep shallow
inside outside
above below
over under
client server
landlord tenant
north south
east west
day night
morning evening
summer winter
all none
all any
some all
every any
some no
always never
widen narrow
freeze thaw
gain_weight lose_weight
log_in log_out
)";

}  // namespace

const Lexicon& english() {
  static const Lexicon lexicon({kText, kEnglishSynonyms}, kAntonyms);
  return lexicon;
}

}  // namespace gate
