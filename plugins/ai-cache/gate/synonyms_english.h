// SPDX-License-Identifier: Apache-2.0
// English words and expressions that mean the same wherever they stand, in the form of lexicon.h.
// Only what may be exchanged in every question belongs here: "sea" is no "ocean".
#pragma once

#include <string_view>

namespace gate {

inline constexpr std::string_view kEnglishSynonyms = R"(
# Spelling on both sides of the Atlantic.
color colour
favor favour
favorite favourite
behavior behaviour
neighbor neighbour
honor honour
labor labour
flavor flavour
humor humour
rumor rumour
harbor harbour
armor armour
vapor vapour
tumor tumour
odor odour
center centre
theater theatre
liter litre liters l
meter metre
fiber fibre
caliber calibre
catalog catalogue
dialog dialogue
analog analogue
gray grey
tire tyre
check cheque
program programme
aluminum aluminium
jewelry jewellery
mold mould
plow plough
pajamas pyjamas
skeptical sceptical
donut doughnut
yogurt yoghurt
aging ageing
enroll enrol
fulfill fulfil
skillful skilful
defense defence
offense offence
license licence
practice practise
judgment judgement
cozy cosy
curb kerb
mustache moustache
omelet omelette
orthopedic orthopaedic
anemia anaemia
anesthesia anaesthesia
pediatric paediatric
pediatrician paediatrician
gynecologist gynaecologist
estrogen oestrogen
fetus foetus
hemoglobin haemoglobin
hemorrhage haemorrhage
diarrhea diarrhoea
leukemia leukaemia
esophagus oesophagus
maneuver manoeuvre
artifact artefact
traveling travelling
traveler traveller
canceled cancelled
labeled labelled
modeling modelling
counselor counsellor
woolen woollen
whiskey whisky
airplane aeroplane plane
email e_mail mail
website web_site site
online on_line
life_span lifespan
worldwide world_wide
daylight_saving daylight_savings daylite_saving daylite_savings
# The same thing on both sides of the Atlantic, and other names of things.
eggplant aubergine brinjal
zucchini courgette
cilantro coriander_leaves
arugula rocket_salad
chickpea garbanzo garbanzo_bean
scallion spring_onion green_onion
powdered_sugar icing_sugar confectioners_sugar
cornstarch corn_starch cornflour
baking_soda bicarbonate_of_soda sodium_bicarbonate bicarb
plastic_wrap cling_film saran_wrap clingfilm
truck lorry
gasoline petrol
diaper nappy
sidewalk pavement
flashlight torch
garbage trash rubbish
stroller pram pushchair
math maths mathematics
mom mum mommy mummy
dad daddy
movie film
car automobile
bicycle bike pushbike
motorcycle motorbike
refrigerator fridge
freezer deep_freezer
television tv tele telly
phone telephone cellphone cell_phone mobile_phone
photo photograph pic
doctor physician
lawyer attorney solicitor
dentist dental_surgeon
child kid
teenager teen adolescent
baby infant
influenza flu
high_blood_pressure hypertension
heart_attack myocardial_infarction
stomach_ache stomachache tummy_ache bellyache
vomit throw_up puke
contagious infectious
feces faeces poop
tap faucet
couch sofa settee
closet wardrobe
drugstore pharmacy chemist_shop
railway railroad
train_station railway_station
subway underground_train
highway motorway freeway
gas_station petrol_station filling_station
mileage gas_mileage fuel_economy fuel_efficiency
zip_code postcode postal_code
resume cv curriculum_vitae
salary wage
start begin commence
end finish terminate conclude
buy purchase
fix repair mend
delete remove erase eliminate get_rid_of
directory folder
join concatenate
call invoke
restart relaunch reboot
display show
add_up sum
unhide show_hidden
issue problem
fast quick quickly rapid rapidly
fastest quickest
hardest toughest
harder tougher
faster quicker
big large
bigger larger
biggest largest
best_known most_famous
author writer
choose select pick
obtain acquire
help assist
permitted allowed
permit allow
prevent avert
require need
try attempt
happen occur
stop cease quit
speak talk
occupation profession
country nation
cheap inexpensive
expensive costly pricey
difficult hard tough
easy simple
simplest easiest
important crucial essential vital
rich wealthy
smart intelligent clever
beautiful pretty gorgeous
famous well_known
sick ill
dangerous hazardous
correct right
wrong incorrect
strange weird odd
error mistake
benefit advantage
drawback disadvantage downside
sign symptom
image picture
present gift
trip journey
shop store
forest woods
earth world planet_earth
replace substitute
calculate compute
execute run
configure set_up setup
uninstall deinstall
application app apps
repository repo
database db
configuration config
documentation docs
administrator admin
parameter param
variable var
function func
environment env
argument arg
directory dir
temporary temp
information info
advertisement advert ad ads
examination exam
laboratory lab
gymnasium gym
university uni varsity
professor prof
department dept
government govt gov
approximately approx roughly
average avg
maximum max
minimum min
temperature temp
versus vs v_s
doctor dr
mister mr
mount mt
saint st
with w
without w_o
because cuz coz becoz bc
you u ya
your ur
are r
people ppl
please pls plz
thanks thx
okay ok
want_to wanna
going_to gonna
have_to gotta got_to
let_me lemme
give_me gimme
do_not_know dunno
through thru
though tho
tonight tonite
night nite
light lite
# More of the same.
taxi cab taxicab
cinema movie_theater movie_theatre
luggage baggage
plane_ticket flight_ticket airline_ticket air_ticket airplane_ticket airfare
apartment flat apt
sweater pullover
pants trousers
elderly senior_citizen
coworker colleague co_worker
roommate flatmate housemate
reply respond
build construct
collect gather
improve enhance
increase boost
reduce decrease
protect safeguard
close shut
solve resolve
understand comprehend
afraid scared frightened
annoying irritating
complicated complex
delicious tasty yummy
stupid foolish
enough sufficient
whole entire
huge enormous gigantic
near close_to
required necessary
typical usual
quiet silent
rare uncommon
rude impolite
scary frightening
sleepy drowsy
terrible awful horrible
goal objective
amount quantity qty
probability likelihood
choice option
company firm co
price cost
custom tradition
employee worker
freedom liberty
pain ache
prize award
result outcome
schedule timetable
side_effect adverse_effect
student pupil
suggestion recommendation
teacher instructor
medicine medication meds
username user_name
backup back_up
filename file_name
hard_drive hard_disk
screenshot screen_shot screen_capture
computer pc personal_computer
programming_language coding_language
programmer coder
browser web_browser
belly tummy
urinate pee
blood_sugar blood_glucose
flu_shot flu_vaccine influenza_vaccine influenza_shot flu_jab
painkiller pain_reliever
birth_control contraception
work_out workout
specification spec
statistics stats
synchronize sync synchronise
technology tech
veterinarian vet
vegetable veggie veg
year yr yrs
week wk wks
password pwd passwd
message msg
image img
integer int
boolean bool
character char
production prod
authentication auth
command cmd
certificate cert
frequency freq
introduction intro
language lang
library lib
management mgmt
organization org organisation
package pkg
previous prev
temporary tmp
value val
version ver
boyfriend bf
girlfriend gf
birthday bday b_day
business biz
corporation corp
international intl
avenue ave
boulevard blvd
calorie kcal
carbohydrate carb
barbecue bbq barbeque
mayonnaise mayo
graduate grad
undergraduate undergrad
psychology psych
economics econ
homework hw
doctorate phd ph_d
netherlands holland
czech_republic czechia
myanmar burma
turkey turkiye
mumbai bombay
kolkata calcutta
san_francisco sf
air_conditioner ac air_conditioning a_c
microsoft_windows ms_windows
realize realise
organize organise
recognize recognise
apologize apologise
analyze analyse
memorize memorise
customize customise
minimize minimise
maximize maximise
optimize optimise
summarize summarise
sterilize sterilise
sanitize sanitise
criticize criticise
emphasize emphasise
specialize specialise
visualize visualise
capitalize capitalise
authorize authorise
paralyze paralyse
# Countries, organisations, technology.
united_states us usa america united_states_of_america the_states u_s u_s_a
united_kingdom uk great_britain britain
european_union eu
united_nations un
united_arab_emirates uae
soviet_union ussr
new_york_city nyc
new_york ny
los_angeles la
washington_dc washington_d_c d_c
hong_kong hk
world_war_1 ww1 wwi first_world_war world_war_i world_war_one world_war_1th 1th_world_war
world_war_2 ww2 wwii second_world_war world_war_ii world_war_two world_war_2th 2th_world_war
javascript js
typescript ts
python py
golang go_language
kubernetes k8s
postgresql postgres postgre_sql
mongodb mongo
virtual_machine vm
operating_system os
artificial_intelligence ai
machine_learning ml
deep_learning dl
amazon_web_services aws
google_cloud gcp google_cloud_platform
visual_studio_code vscode vs_code
ms_word microsoft_word
ms_excel microsoft_excel
excel ms_excel microsoft_excel
instagram insta ig
facebook fb
whatsapp whats_app
youtube you_tube
linkedin linked_in
iphone i_phone
wifi wi_fi
usb_stick usb_drive flash_drive thumb_drive pen_drive
powerbank power_bank
percent percentage pct
kilogram kg kilo kgs kilogramme
gram g gramme grams
milligram mg
ounce oz
pound lb lbs
kilometer km kms kilometre
centimeter cm centimetre
millimeter mm millimetre
milliliter ml millilitre
foot ft feet
inch inches
mile mi
tablespoon tbsp tbs
teaspoon tsp
minute min_time mins
second sec_time secs
hour hr hrs
kmh kph km_h
mph miles_per_hour
celsius centigrade
fahrenheit degf
dollar usd bucks buck
euro eur
yen jpy
yuan rmb cny renminbi
rupee inr rs
january jan
february feb
march mar
april apr
august aug
september sept sep
october oct
november nov
december dec
monday mon
tuesday tue tues
wednesday wed
thursday thu thurs thur
friday fri
autumn fall_season
spring springtime
summer summertime
winter wintertime
# Plurals and forms that no rule finds.
person persons
man men
woman women
child children kids
tooth teeth
goose geese
mouse mice
wife wives
life lives
knife knives
leaf leaves
wolf wolves
half halves
@fixed windows
@fixed texas
@fixed news
@fixed physics
# Whole expressions.
lose_weight weight_loss losing_weight reduce_weight shed_weight
gain_weight put_on_weight weight_gain
earn_money make_money money_making create_money
find_out figure_out
work_out exercise
look_for search_for
look_like resemble
get_over move_on_from
set_aside put_aside
carry_out perform
come_up_with invent
good_for_you healthy good_for_health
bad_for_you unhealthy
in_order_to so_as_to
instead_of rather_than in_place_of
as_soon_as once
because_of due_to owing_to on_account_of
at_home from_home
for_free free_of_charge without_paying at_no_cost
a_lot_of lots_of plenty_of
as_well too
such_as like
per_day a_day each_day daily every_day
per_week a_week each_week weekly
per_month a_month each_month monthly
per_year a_year each_year yearly annually annual per_annum
per_hour an_hour hourly
in_the_us in_america in_the_usa in_the_united_states
on_earth in_the_world
spoken_english english_speaking
turn_on switch_on
turn_off switch_off
sign_up register
log_in login sign_in
log_out logout sign_out
set_free release
each_other one_another
create make
)";

}  // namespace gate
