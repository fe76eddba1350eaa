using static MemoryMesh.Memory.Extraction.RuleTraits;

namespace MemoryMesh.Memory.Extraction;

/// <summary>What a user says of themselves in passing, as people chat: last times and first ones, posts at work, what is left in the kitchen. Tried after the other tables.</summary>
internal static class EnglishEverydayRules
{
    private static readonly Fact Name = new("name", "User's name is {name}.", "name", true);
    private static readonly Fact Lives = new("location", "User lives in {place}.", "location", true);
    private static readonly Fact Employer = new("employer", "User works at {org}.", "employer", true);
    private static readonly Fact Dislikes = new("dislike", "User does not like {np}.", "dislikes:{np}");
    private static readonly Fact Often = new("interest", "User often spends time on this: {np}.", "hobby:{np}");
    private static readonly Fact Served = new("other", "User spent {years} years in {np}.", "past:{np}");
    private static readonly Fact Shop = new("event", "User closed their business: {vp}.", "event:closed", true);

    /// <summary>Rules for what follows "I"; the pattern begins with the verb.</summary>
    public static readonly Rule[] FirstPerson =
    [
        new("am on|in|at the {spot:post} at|for|with|of {org:firm}", Bare, new Fact("profession", "User works on the {spot}.", "profession", true), Employer),
        new("am renting|rent|am_buying|bought a|an|my|our ?small|tiny|little ?old {home:homeword} in|near|outside {place}", Bare, Lives),
        new("hung up my whistle|boots|apron|skates|gloves|cap|uniform|scissors|spikes|hat|headset|tools|racket|bat|spurs|stethoscope|chef's_whites", Bare | Dated | Update, new Fact("event", "User hung {vp2}: retired from it.", "event:retired", true)),
        new("raised|brought_up by my|our {np} in {place}", Bare, new Fact("location", "User was raised in {place} by their {np}.", "origin:childhood", true)),
        new("up at {hour:num} to {does:clause}", Bare, new Fact("interest", "User gets up at {hour} to {does}.", "habit:morning", true)),
        new("deploy|ship|host ?everything ?mostly ?only on|with {gear:systems}", None, new Fact("constraint", "User {vp}.", "uses:{gear}")),
        new("retrained|requalified as ?a|an {role}", Bare | Update | Dated, new Fact("profession", "User is {a:role}.", "profession", true)),
        new("working from|out_of|in a|an|my|the|our {np} in|near|outside {place}", Bare, Lives with { Template = "User is based in {place}." }),
        new("played|sang|danced|rowed|ran|swam|taught|worked|drove|flew|did|gave|had|fought|raced|conducted|coached|refereed my|our ?very last|final ?ever {what:outing} [for|with|at|in {np}]", Bare | Dated, new Fact("event", "User {vp}.", "event:last:{what}", true)),
        new("pulled|brought|rolled down the|our|my shutters|blinds ?down for_good|for_the_last_time", Bare | Dated | Update, Shop),
        new("pulled|brought|rolled the|our|my shutters|blinds ?down for_good|for_the_last_time", Bare | Dated | Update, Shop),
        new("closed|shut|locked ?up the|our|my shop|doors|shutters|café|cafe|stall|bakery|salon|gates|pub|restaurant|studio|practice|workshop ?up ?down for_good|for_the_last_time", Bare | Dated | Update, Shop),
        new("did|spent|managed|had|survived {years:num} years|terms|semesters of|at|in {np:schooling}", Bare, new Fact("other", "User {vp}.", "education:{np}")),
        new("did|spent|managed|had|survived a|one|half_a year|term|semester of|at|in {np:schooling}", Bare, new Fact("other", "User {vp}.", "education:{np}")),
        new("served|did|finished|completed my time|apprenticeship|traineeship|articles|national_service|military_service|residency [with|under|at|in {where:np}]", Bare | Dated, new Fact("other", "User {vp}.", "education:served")),
        new("have ?got ?only ?about|around|roughly|at_most {count:num} minutes|mins|hours to_cook|to_spare ?on|in|at|for a|an|most|the|my|each|every|any {when:occasion}", None, new Fact("constraint", "User {vp}.", "time:{when}")),
        new("have ?got ?only ?about|around|roughly|at_most {count:num} minutes|mins|hours on|in|at|of|for a|an|most|the|my|each|every|any {when:occasion}", None, new Fact("constraint", "User {vp}.", "time:{when}")),
        new("have_not missed a|one|an|single|any ?single {what:regular} of|at {np:pastime}", Bare, new Fact("interest", "User keeps up {np} without missing a {what}.", "hobby:{np}")),
        new("do_not|never|will_not allow|permit|tolerate|accept|use|want {list} in|for anything|any|production|prod|live|shipped|new|our|my code|project|projects|repo|codebase|services|that_ships|systems", None, new Fact("constraint", "User does not allow or use {list}.", "avoids:{list}")),
        new("do_not|never|will_not allow|permit|tolerate|accept {list} in|for anything", None, new Fact("constraint", "User does not allow or use {list}.", "avoids:{list}")),
        new("commute|cycle|walk|drive by|on|to ?a|my|the|an {np}", Bare, new Fact("preference", "User {vp}.", "travels", true)),
        new("raised|brought_up on|in|by|near a|an|the {np}", Bare, new Fact("location", "User was {vp}.", "origin:childhood", true)),
        new("run|keep|farm|graze|breed|raise {count:num} {np:livestock}", Bare, new Fact("possession", "User keeps {count} {np}.", "possession:{np}")),
        new("am putting|setting|stashing|tucking away|aside|by {np} a|every|each week|month|fortnight|day|year|payday so ?that i|we can {aim:clause}", Bare, new Fact("goal", "User is saving {np} a {third} to {aim}.", "goal:{aim}")),
        new("putting|setting|stashing|tucking away|aside|by {np} a|every|each week|month|fortnight|day|year|payday so ?that i|we can {aim:clause}", Bare, new Fact("goal", "User is saving {np} regularly to {aim}.", "goal:{aim}")),
        new("am working towards|toward|for my|the|a|an {np:certificate}", Bare | Dated, new Fact("goal", "User is working towards {np}.", "goal:{np}")),
        new("working towards|toward|for my|the|a|an {np:certificate}", Bare | Dated, new Fact("goal", "User is working towards {np}.", "goal:{np}")),
        new("am doing|trying|eating|going|following|on ?the ?a {diet} ?diet now|instead|these_days", Bare | Update, new Fact("constraint", "User follows a {diet} diet.", "diet", true)),
        new("have|has a|an|one|two ?old ?converted ?former {home:np} for a|our|my house|home|office", None, new Fact("possession", "User's home is {a:home}.", "home:kind", true)),
    ];

    /// <summary>Rules that don't need "I".</summary>
    public static readonly Rule[] Anywhere =
    [
        new("{who:stranger} , hi|hello|hey|hiya|greetings|good_morning|good_evening|good_afternoon|nice_to_meet_you|pleased_to_meet_you|lovely_to_meet_you ?there", ClauseStart | Closed, Name with { Template = "User's name is {who}." }),
        new("{who:newcomer} from {place}", ClauseStart | Closed, Name with { Template = "User's name is {who}." }, Lives),
        new("workshop|studio|shop|practice|stall|salon|forge|bakery|smallholding|farm|surgery in|near|outside {place}", ClauseStart | Closed, new Fact("location", "User has a {first} in {place}.", "location:work", true)),
        new("they|management|head_office|the_board|the_partners|work ?have ?just ?finally made me ?a|an|the {np:rank} at|of|with {org:firm}", ClauseStart | Dated | Update, new Fact("event", "User was made {np} at {org}.", "event:promotion", true)),
        new("they|management|head_office|the_board|the_partners|work ?have ?just ?finally made me ?a|an|the {np:rank}", ClauseStart | Dated | Update, new Fact("event", "User was made {np}.", "event:promotion", true)),
        new("my|our|the {what:proceeding} ?papers ?was|is|were|are|got|has|have|came|went ?have ?has ?finally ?officially ?been ?all finalised|finalized|granted|signed|through|signed_off [on|in|this|last {when:np}] [after {rest:np}]", ClauseStart | Dated | Closed, new Fact("event", "User's {what} was finalised.", "event:{what}", true)),
        new("{what:proceeding} ?papers ?was|is|were|are|got|has|have|came|went ?have ?has ?finally ?officially ?been ?all finalised|finalized|granted|signed|through|signed_off [on|in|this|last {when:np}] [after {rest:np}]", ClauseStart | Dated | Closed, new Fact("event", "User's {what} was finalised.", "event:{what}", true)),
        new("{years:num} years in|with the {np:service} , ?a ?lifetime|ages|years|decades|long|way ?time ago|back", ClauseStart, Served),
        new("{years:num} years in|with the {np:service} ?and|but ?it shows|taught_me|left_me", ClauseStart, Served),
        new("{np:foods} i|we walk_out_of|switch_off|turn_off|will_not_touch|run_from|run_a_mile_from|cross_the_road_to_avoid|leave_alone", ClauseStart | Closed, Dislikes),
        new("second|third|fourth|fifth|sixth|2nd|3rd|4th|5th {when:turn} running|in_a_row|straight {where:words} with my|the|a {np:pastime}", ClauseStart | Dated, Often),
        new("second|third|fourth|fifth|sixth|2nd|3rd|4th|5th {when:turn} this_week|this_month|running|in_a_row|straight ?, at|in|on|up|down|out|out_on|out_at|with|to ?my|the|a {np:pastime}", ClauseStart | Dated, Often),
        new("another|yet_another ?whole {when:turn} gone|spent|lost|disappeared up|down|out|over|round ?at|in|on|to ?the ?my {np:pastime}", ClauseStart | Dated, Often),
        new("my|our usual|regular is|: ?a|an|the {how:np}", None, new Fact("preference", "User's usual is {how}.", "preference:usual", true)),
        new("zero|absolutely_no|not_a_scrap_of {np} in|at|under this|my|our house|home|household|kitchen|flat|roof|fridge", ClauseStart, new Fact("constraint", "User wants no {np}.", "avoids:{np}")),
        new("{np} and i|we end_up|land|wake_up ?straight in {reaction}", ClauseStart, new Fact("constraint", "User must avoid {np}: it causes a reaction ({reaction}).", "allergy:{np}")),
        new("{np} is|are a|an ?hard ?big ?absolute ?strict ?total no|no-no|no-go for|with|in me|us|this_house|our_house|my_house|my_family|our_family", ClauseStart, new Fact("constraint", "User wants no {np}.", "avoids:{np}")),
        new("first|second|third|fourth|fifth|sixth year|term of ?evening ?night {np:lessons} in {langs}", ClauseStart, new Fact("goal", "User is learning {langs}: {first} {second} of {np}.", "learning:{langs}")),
        new("every|each {when:day} the two|three|four|five|six|seven of us {does:clause}", ClauseStart, new Fact("interest", "User and others do this every {when}: {does}.", "hobby:{does}")),
        new("half {demonym} ,|and half {other:word}", ClauseStart, new Fact("other", "User is half {demonym}, half {other}.", "nationality", true)),
        new("my other|better half , {name:selfname}", None, new Fact("relationship", "User has a partner named {name}.", "relationship:partner", true)),
        new("my other|better half is|'s ?called {name:selfname}", None, new Fact("relationship", "User has a partner named {name}.", "relationship:partner", true)),
        new("my|our {count:num} boys|girls|kids|sons|daughters|children , {a1:num} and {a2:num}", None, new Fact("relationship", "User has {count} {third}, aged {a1} and {a2}.", "relationship:{third}")),
        new("as a|an {role} on {hours:schedule}", ClauseStart, new Fact("profession", "User is {a:role}.", "profession", true), new Fact("constraint", "User works {hours}.", "schedule", true)),
        new("as a|an {role} i|we need|want|have|am|get|work|use|eat|spend", ClauseStart, new Fact("profession", "User is {a:role}.", "profession", true)),
        new("hearing_aids|crutches|a_hearing_aid|a_prosthetic|a_stoma|cochlear_implants|a_pacemaker in|on|for {np}", ClauseStart, new Fact("constraint", "User has {vp}.", "access:{first}")),
        new("my|our|the house|home|place|flat|cottage is a|an ?old ?converted ?former {home:dwelling} in|near|outside {place}", ClauseStart, new Fact("possession", "User's home is {a:home}.", "home:kind", true), Lives),
        new("my landlord|landlady|building|lease|employer does_not|will_not|do_not allow|permit|let|accept|want {np}", None, new Fact("constraint", "User's {second} does not allow {np}.", "limit:{np}")),
        new("my|our twins|kids|boys|girls|children|daughters|sons|grandkids start|begin|finish|attend|go_to {np}", None, new Fact("relationship", "User's {vp2}.", "relationship:{second}:{np}")),
        new("whatever|everything|anything you ?ever suggest|recommend|plan|find|pick|book|choose|give ?me ?to|for ?me ?us has_to|must|needs_to|should come|stay|be|fit|land|cost ?in under|below|within|less_than {count:num} {np}", ClauseStart, new Fact("constraint", "User's budget for anything suggested is under {count} {np}.", "budget", true)),
        new("any|every|all {what:np} you ?ever suggest|plan|recommend|give|find|book|pick|choose|send|show ?to ?for ?me ?us has_to|have_to|must|needs_to|need_to|should {clause}", ClauseStart, new Fact("style", "User wants of any {what}: it must {clause}.", "style:any:{what}", true)),
        new("my|our one|main|big|only|biggest|single|next|whole|first aim|goal|target|ambition|hope|wish|resolution ?for ?this|next ?the ?coming|year|summer|winter|spring|autumn|season|month is ?to {clause}", None, new Fact("goal", "User's goal is {clause}.", "goal:{clause}")),
        new("my|our one|main|big|only|biggest|single|next|whole|first aim|goal|target|ambition|hope|wish|resolution for|of this|next|the year|summer|winter|spring|autumn|season|month is ?to {clause}", None, new Fact("goal", "User's goal is {clause}.", "goal:{clause}")),
        new("my|our|the next ?big ?mad ?grand plan|trip|adventure|project|challenge|hike|ride|walk|journey : {np}", ClauseStart, new Fact("goal", "User's next plan is {np}.", "goal:{np}")),
        new("next ?big ?mad ?grand plan|trip|adventure|project|challenge|hike|ride|walk|journey : {np}", ClauseStart, new Fact("goal", "User's next plan is {np}.", "goal:{np}")),
        new("{np} scares|scare|frightens|frighten|terrifies|terrify|freaks|freak|creeps|creep ?the_life_out_of ?the_living_daylights_out_of me ?out|silly|stiff", ClauseStart, Dislikes),
        new("{game} in|with|for a|an|the|my|our|some {np:ensemble}", ClauseStart, new Fact("interest", "User plays {game} in {a:np}.", "plays:{game}")),
        new("first|second|third|lead|rhythm|bass|alto|tenor|baritone|soprano {game} in|with|for a|an|the|my|our {np:ensemble}", ClauseStart, new Fact("interest", "User plays {first} {game} in {a:np}.", "plays:{game}")),
        new("{tool:codelang} is what|all i|we write|code|program|use|work|speak|ship ?in ?all|every|most ?day|days|time", ClauseStart, new Fact("constraint", "User programs in {tool}.", "uses:{tool}")),
        new("everything|all ?of ?it here|i_write|we_write|i_ship|we_ship|we_run|i_run|i_touch|i_build|we_build|at_work|at_our_place is|are ?in|written_in|on {tool:codelang} [with|and|on|plus {lib:np}]", ClauseStart, new Fact("constraint", "User programs in {tool}.", "uses:{tool}"), new Fact("constraint", "User uses {lib}.", "uses:{lib}")),
        new("my|the|our workshop|work|office|home|studio|family|kitchen pc|computer|laptop|machine|tablet is ?running ?on ?still ?a|an {gear:system}", ClauseStart, new Fact("possession", "User's {second} {third} is {gear}.", "possession:{second} {third}", true)),
        new("{d1:num} on ?,|and {d2:num} off", ClauseStart, new Fact("constraint", "User works {d1} on, {d2} off.", "schedule", true)),
        new("nights|days|evenings|mornings|earlies|lates|weekends mostly|mainly|only|usually", ClauseStart | Closed, new Fact("constraint", "User mostly works {first}.", "schedule", true)),
        new("outside|away_from|after|besides|beyond work ?, it is|'s ?all|mostly|mainly {np} and {more:np} for|with me", ClauseStart, new Fact("interest", "User is into {np}.", "likes:{np}"), new Fact("interest", "User is into {more}.", "likes:{more}")),
        new("outside|away_from|after|besides|beyond work ?, it is|'s ?all|mostly|mainly {list} for|with me", ClauseStart, new Fact("interest", "User is into {list}.", "likes:{list}")),
        new("mornings|evenings|days|nights|weekends|afternoons at|in|on a|an|the|my {np:employed}", ClauseStart, new Fact("profession", "User works {first} at {a:np}.", "profession:{np}")),
        new("{tool} person|people|convert|household|family|man|woman ?here now|these_days|nowadays", ClauseStart | Update, new Fact("preference", "User is a {tool} person now.", "prefers:{tool}")),
        new("{food:returned} is|are back ?on|in ?the ?menu ?, ?but|and|though ?only|just {rest:np}", ClauseStart | Update, new Fact("constraint", "User eats or drinks {food} again: {rest}.", "diet", true)),
        new("{food:returned} is|are back ?on|in ?the ?menu", ClauseStart | Update, new Fact("constraint", "User eats or drinks {food} again.", "diet", true)),
        new("my {lang} is|comes|came ?all|only|mostly|entirely from|off|self-taught|out_of|thanks_to {rest:np}", None, new Fact("language", "User's {lang} is from {rest}.", "language:{lang}")),
        new("{lang} only|just since|from|at|in|with {rest:np}", ClauseStart, new Fact("language", "User speaks {lang} (only since or with {rest}).", "language:{lang}")),
        new("it is|are ?now ?just|only ?about {count:num} {np:livestock} ?round|over ?here now|these_days|nowadays|instead", ClauseStart | Update, new Fact("possession", "User keeps {count} {np} now.", "possession:{np}")),
        new("one|a|two|single {what:vessel}", ClauseStart | Closed, new Fact("constraint", "User only has {first} {what}.", "limit:kitchen")),
        new("the|our {gear:team} ?that|which i|we ?have inherited|got|were_given|was_given|was_left|bought ?with|when|along_with ?the|my|our {rest:np}", ClauseStart, new Fact("possession", "User has {a:gear}.", "possession:{gear}")),
        new("the|our {gear:marque} ?that|which my|our dad|father|mum|mother|mom|grandad|grandfather|gran|uncle|aunt|grandmother left|gave|handed|passed ?on|down ?to me|us", ClauseStart, new Fact("possession", "User has {a:gear}.", "possession:{gear}")),
        new("mine|ours is a|an {year:num} {gear:team} [on|in|at {where:np}]", ClauseStart, new Fact("possession", "User has {a:year} {gear}.", "possession:{gear}")),
        new("one|a|even_one ?single ?tiny {np} and|means it_is|i_am|straight ?off ?in ?an ?straight ?to {reaction}", ClauseStart, new Fact("constraint", "User must avoid {np}: it causes a reaction ({reaction}).", "allergy:{np}")),
        new("my|our grandkids|grandchildren|nephews|nieces|godchildren|stepkids|twins|grandsons|granddaughters keep|keeps|owe|owes|set|showed|gave|got|made|bought|say|laugh|call|want|love|hate|beat|think|tell|taught", None, new Fact("relationship", "User has {second}.", "relationship:{second}")),
        new("my|our granddaughter|grandson|niece|nephew|stepdaughter|stepson|goddaughter|godson keeps|set|showed|gave|got|made|bought|laughs|calls|wants|taught|installed", None, new Fact("relationship", "User has a {second}.", "relationship:{second}")),
        new("school|nursery|choir|football|band|swimming|rugby|gym|therapy|dialysis|physio|orchestra|ballet|judo run|practice|training|rehearsal|session|sessions|lesson|lessons|class|pick-up is|are ?always ?from {from:num} to|till|until {to:num} every|each {when:np}", ClauseStart, new Fact("constraint", "User's {first} {second} is from {from} to {to} every {when}.", "schedule:{first}", true)),
    ];
}
