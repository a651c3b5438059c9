// SPDX-License-Identifier: Apache-2.0
// What surrounds an English question and what kind of question it is: patterns as of pattern.h.
#pragma once

#include <string_view>

namespace gate {

// What has to follow a pattern for it to count.
enum class Tail : unsigned char { anything, question, verb, gerund };

struct Opening {
  const char* pattern;
  Tail tail = Tail::anything;
};

// Removed from the beginning, again and again, in this order.
inline constexpr Opening kOpenings[] = {
    {"before i forget"},
    {"here is|are ?is one|a|another|something ?quick|small|question for you|u|ya"},
    {"while i am|have ?got at|you it|here"},
    {"on a|another side|different|related|unrelated|lighter note"},
    {"at the risk of sounding|being|seeming @word"},
    {"for my|our own|personal|general ?own curiosity|knowledge|reference|interest|information"},
    {"asking for a|my friend"},
    {"sorry|apologies|apology|forgive ?me|in ?advance if|for|that "
     "?this|that|it|asking|the|a|my|what ?is|sounds|seems|was|may|might ?be|sound "
     "?a|an|too|so|very|really "
     "obvious|silly|dumb|stupid|basic|simple|random|weird|naive|ignorance|ignorant|repetitive "
     "?question ?but"},
    {"?is ?there any|a|some chance ?that you|u|someone|anyone could|can|might|would ?please"},
    {"do me|us a ?huge|big|small favor|favour|solid|kindness and"},
    {"be so|very kind|good|nice ?as|and to"},
    {"please|kindly|pls|plz|plzz|pl"},
    {"hi|hello|hey|hiya|heya|greetings|yo "
     "?there|again|everyone|everybody|all|guys|folks|team|friends|friend|buddy|assistant|ai|"
     "chatgpt|dear"},
    {"good morning|afternoon|evening|day ?everyone|all|there"},
    {"dear sir|madam|all|team|assistant ?or ?madam"},
    {"excuse|pardon me"},
    {"sorry ?to ?bother|disturb|trouble ?you ?again ?but|for ?the ?trouble"},
    {"so|well|ok|okay|um|umm|uh|hmm|hm|er|erm|alright|anyway|anyways|now|and|but|like|right|ah|oh|"
     "also|actually|basically|honestly|seriously|ugh|lol|btw|fyi|say|look|listen|yeah|yes|huh|wow|"
     "see|wait|then"},
    {"by the way"},
    {"you know what|?what"},
    {"i mean|guess|suppose"},
    {"out of curiosity"},
    {"for some reason"},
    {"to be honest"},
    {"quick|simple|small|serious|random|silly|stupid|dumb|general|honest|genuine|newbie|noob|"
     "beginner|basic question|q ?here ?for ?you"},
    {"a|one|just|another quick|simple|small|serious|random|silly|stupid|dumb|general|?one "
     "question|q ?here ?for ?you"},
    {"question"},
    {"?and my|the|one|another next|first|second|main|?question ?here be|is"},
    {"just curious|wondering|asking|checking ?about|but", Tail::question},
    {"?i|im ?am|was|have|be ?been ?just|always|really|also|often|still "
     "curious|wondering|interested|asking|wondered ?in|about|to ?know|learn|hear",
     Tail::question},
    {"i|we ?am|have ?always ?just|really|also|do|would wonder|wondered ?about", Tail::question},
    {"i|we ?am|was|would|be|have ?been ?just|really|also|always|do "
     "want|wanted|like|love|need|wish|wanting|trying|try|hoping|hope|looking|prefer ?also|really "
     "to ?better know|learn|ask|understand|find|figure|see|check|hear|clarify|confirm ?you|more "
     "?out|about",
     Tail::question},
    {"i|we ?really|also|just|would|will want|need|like|wish|appreciate|love ?for|it "
     "you|u|someone|somebody|anyone ?to ?please|kindly"},
    {"i|we|it would *really|also|greatly|very|so|be|most|much|deeply|incredibly "
     "appreciate|grateful|thankful|happy|glad|great|nice|helpful|obliged|delighted ?very|it "
     "?much|so if you|u|someone can|could|would|will|might ?please|kindly"},
    {"can|could|would|will|may|might|do ?not you|u|ya|someone|somebody|anyone|anybody "
     "*please|kindly|possibly|perhaps|maybe|just|quickly|also|briefly ?please|kindly mind ?please"},
    {"would|will|could|can you|u *please|kindly be so kind|good|nice ?as|and ?to"},
    {"would|is|be it ?be possible for you|u|someone to"},
    {"can|could|would|will|might you|u|ya|someone|somebody|anyone|anybody "
     "*please|kindly|possibly|perhaps|maybe|just|quickly|also|help ?be ?able ?to",
     Tail::verb},
    {"may|can|could|might|would|if i|we *please|just|quickly|also|kindly|possibly|may|might|can "
     "ask|inquire|enquire|know|trouble|bother|query ?you ?a|for|about|one|to "
     "?quick|small|an|simple "
     "?question|something|thing|idea|favor|advice|suggestion ?about"},
    {"tell|show|teach|remind|inform|advise|enlighten|educate|telling|showing|teaching|reminding|"
     "give|giving me|us|?us ?please|again|quickly|exactly ?about|on|of",
     Tail::question},
    {"tell|telling me|us ?please|again|quickly"},
    {"let|letting me|us know ?please|about", Tail::question},
    {"let me ask ?you ?this|something|a ?question"},
    {"explain|clarify|describe|explaining|describing|specify|confirm|suggest|recommend|advise|"
     "clarifying|walk|guide ?me|us ?to|through ?me|us ?please|again|on|about",
     Tail::question},
    {"help|helping|assist ?me|us ?please|to ?me|in|by "
     "know|knowing|understand|understanding|see|learn|determine ?exactly|about",
     Tail::question},
    {"help|helping|assist ?me|us|out ?with|by|in figure|figuring|find|finding out", Tail::question},
    {"do|does|did|would|can ?not you|u|anyone|anybody|someone|somebody|we "
     "?here|happen|else|actually ?to|know|have know|?know|any|an ?idea|clue|of|about",
     Tail::question},
    {"do|does|would|can you|u|anyone|anybody|someone happen|know|tell ?to ?know ?me",
     Tail::question},
    {"?have|do|does ?you|anyone ?got|have any "
     "idea|ideas|clue|clues|thoughts|suggestions|advice|tips ?about|on|as|of|to",
     Tail::question},
    {"anyone|anybody|someone know|knows|tell|explain ?me", Tail::question},
    {"i|we ?really|just|still|always ?do ?not|never|have ?got ?really|quite|fully "
     "know|understand|understood|get|got|remember|figured|sure|idea|clue|forgot|forget ?out|about",
     Tail::question},
    {"i|we am|are|be ?just|still|really not ?really|quite|so sure|certain|clear ?about|on|of",
     Tail::question},
    {"i|we ?really|just|still have|had ?got|a|one|this ?a|quick|small|simple question|doubt|query "
     "?here|for ?about|on|regarding|you|that|and|is"},
    {"if|when|whenever you|u do|can|could|would|have|get|be|are|know|please ?not "
     "?a|any|the|have|so mind|chance|moment|minute|time|second|kind|?idea"},
    {"if ?that|it|this|you ?is|be ?not possible|okay|ok|please|alright ?with ?you"},
    {"if it is|be not too much trouble|?to ?ask"},
    {"i ?just|really|also|quickly|simply|only need|want|require|would ?like|to "
     "help|assistance|guidance ?with ?understanding|on|to|in|figuring ?out",
     Tail::question},
    {"wondering|curious ?about", Tail::question},
};

// Removed from the end, again and again.
inline constexpr std::string_view kClosings[] = {
    "please",
    "pls",
    "plz",
    "kindly",
    "thanks",
    "thank you",
    "thank u",
    "thx",
    "ty",
    "cheers",
    "many thanks",
    "thanks a lot",
    "thanks a bunch",
    "thanks so much",
    "thank you so much",
    "thank you very much",
    "thanks very much",
    "thanks in advance",
    "thank you in advance",
    "thanks again",
    "exactly",
    "btw",
    "by the way",
    "lol",
    "haha",
    ", anyway",
    ", anyways",
    ", mate",
    ", guys",
    ", dude",
    ", man",
    ", buddy",
    ", bro",
    "if possible",
    "for me",
    "for us",
    "if you can",
    "if you could",
    "if you do not mind",
    "if you would",
    "if that is ok",
    "if that is okay",
    "if you know",
    "when you can",
    "when you get a chance",
    "when you have a moment",
    "when you have time",
    "much appreciated",
    "much obliged",
    ", again",
    ", though",
    ", then",
    ", really",
    ", actually",
    "do you know",
    "any ideas",
    "any idea",
    ", ok",
    ", okay",
    ", right",
    ", huh",
    "idk",
    "in general",
    "in advance",
    "you know",
    ", even",
    "do you think",
    "asap",
    "if so",
    "or not",
    "or what",
    ", help",
    ", sir",
    ", tho",
};

struct Frame {
  const char* pattern;
  const char* name;
  Tail tail = Tail::anything;
};

// The first that fits says the kind of question and is removed.
inline constexpr Frame kFrames[] = {
    {"what would|will|do|does|might|could ?actually happen|happens|occur if|when", "what_if"},
    {"what happens if|when", "what_if"},
    {"what if", "what_if"},
    {"how do|does|did|would it ?actually|really feel like|to ?to", "feel", Tail::verb},
    {"what do|does|did|would it ?actually|really feel|be like to", "feel", Tail::verb},
    {"what is|be it ?really|actually like to", "feel", Tail::verb},
    {"how is|be it to", "feel", Tail::verb},
    {"what do you|people|we think of|about|on|regarding", "opinion"},
    {"what is|are|be your opinion|opinions|view|views|thoughts|thought|take on|about|of|regarding",
     "opinion"},
    {"how much time", "how_long"},
    {"in what|which year", "what_year"},
    {"what|which year", "what_year"},
    {"what|which be|is|are|was|were ?the ?exact|approximate|total|main|key|major|average distance "
     "between|from|of",
     "distance"},
    {"distance between|from", "distance"},
    {"how far ?apart|away ?is|are|be|was|were ?it|we ?from", "distance"},
    {"what|which be|is|are|was|were ?the age of", "age"},
    {"what|which be|is|are|was|were ?the height of", "height"},
    {"how tall|high", "height"},
    {"what|which be|is|are|was|were ?the size of", "size"},
    {"how big|large", "size"},
    {"what|which be|is|are|was|were ?the weight of", "weight"},
    {"how heavy", "weight"},
    {"what|which be|is|are|was|were ?the depth of", "depth"},
    {"how deep", "depth"},
    {"what|which be|is|are|was|were ?the width of", "width"},
    {"how wide", "width"},
    {"what|which be|is|are|was|were ?the ?total|current population of", "population"},
    {"what|which be|is|are|was|were ?the number of", "how_many"},
    {"how many people live|reside ?there in", "population"},
    {"what|which be|is|are|was|were ?the cost|price of", "cost"},
    {"how expensive|costly", "cost"},
    {"what|which be|is|are|was|were ?the ?main|key|major|basic|exact|primary "
     "difference|differences|distinction|distinctions between|of|in",
     "difference"},
    {"?the ?main|key|major difference|differences|distinction between", "difference"},
    {"what|which be|is|are|was|were ?the ?exact|actual|real meaning|definition of", "meaning"},
    {"?the meaning|definition of", "meaning"},
    {"define", "meaning"},
    {"what|which be|is|are ?the ?main|major|common|most cause|causes of|for|behind", "cause"},
    {"what causes|cause", "cause"},
    {"what is|be meant by", "meaning"},
    {"which one", "which"},
    {"is|be it true ?that", "ask"},
    {"how do|does|can|could|should|would|may|might|to|will|?can "
     "?i|we|you|one|u|people|someone|somebody|anyone|anybody|?person "
     "?go|actually|best|possibly|even ?about|possibly",
     "how", Tail::gerund},
    {"how do|does|can|could|should|would|may|might|will "
     "i|we|you|one|u|people|someone|somebody|anyone|anybody "
     "?actually|possibly|best|even|go|properly",
     "how", Tail::verb},
    {"how a|any person can|could|should|do|does|would ?actually", "how", Tail::verb},
    {"how do|does|can|could|should|would|may|might|will a|any person ?actually|possibly", "how",
     Tail::verb},
    {"how i|we|you|one|u|people|someone can|could|should|may|might|would|do ?actually|best", "how",
     Tail::verb},
    {"how i|we|you|one", "how", Tail::verb},
    {"how to ?actually|best|properly", "how", Tail::verb},
    {"how can|do|should", "how", Tail::verb},
    {"?what|which ?is|are|be|were|would ?be ?the|a|some|any|an|my|your ?single|very "
     "best|good|proper|right|correct|possible|different|various|effective|most|great|ideal|?some "
     "?effective|possible way|ways|method|methods|approach|approaches|procedure|manner ?for "
     "?me|us|someone|a|one ?person|beginner to ?actually|properly",
     "how", Tail::verb},
    {"?what|which ?is|are|be ?the|a|some|any "
     "?best|good|proper|right|correct|possible|different|various|effective|most ?effective "
     "way|ways|method|methods|approach|tips|steps|procedure|techniques|tricks|process|strategies "
     "of|for|on|in|about",
     "how", Tail::gerund},
    {"?what|which ?is|are|be ?the|a|some|any "
     "?best|good|proper|right|correct|possible|different|various|effective|most ?effective "
     "way|ways|method|tips|steps|procedure|techniques|tricks|process|strategies to",
     "how", Tail::verb},
    {"what|which way|ways ?can|could|should|do i|we|you|one ?can|could|should", "how", Tail::verb},
    {"in what|which way|ways can|could|should|do i|we|you|one", "how", Tail::verb},
    {"is|are|be there ?a|an|any|some ?good|best|proper|possible|other|actual "
     "way|ways|method|methods|means to|i|we|you|that|for ?me|us|i|we|you|someone|one ?can|could|to",
     "how", Tail::verb},
    {"is|are|be there ?a|an|any|some ?good|best|proper|possible way|ways|method|methods of|for",
     "how", Tail::gerund},
    {"what can|could|should|do|must|would|shall i|we|you|one|someone|people ?need|have|best ?to do "
     "?in|so ?order|that|as to|?i|?you ?can|to",
     "how", Tail::verb},
    {"what should|must|do be|?need ?to ?be done ?in ?order to", "how", Tail::verb},
    {"which|what be|is|are ?the way to", "how", Tail::verb},
    {"what be|is|are ?the ?main reason|reasons ?that|why|behind|for ?why", "why"},
    {"how come ?that", "why"},
    {"why is|be|was it that", "why"},
    {"why", "why"},
    {"what kind|kinds|type|types|sort|sorts of", "kind"},
    {"which kind|kinds|type|types|sort|sorts of", "kind"},
    {"how many", "how_many"},
    {"how much", "how_much"},
    {"how long", "how_long"},
    {"how often|frequently", "how_often"},
    {"how old", "age"},
    {"how far", "distance"},
    {"how", "manner"},
    {"what|which time", "when_time"},
    {"what|which is|are|was|were|be ?some", ""},
    {"whats", ""},
    {"what|which", "which"},
    {"who|whom", "who"},
    {"whose", "whose"},
    {"where", "where"},
    {"when", "when"},
    {"if|whether", "ask"},
};

}  // namespace gate
