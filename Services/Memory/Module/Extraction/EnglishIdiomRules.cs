using static MemoryMesh.Memory.Extraction.RuleTraits;

namespace MemoryMesh.Memory.Extraction;

/// <summary>What a user says of themselves by idiom in English: reactions, house rules, stays told by their length, things presupposed. Tried after the other tables.</summary>
internal static class EnglishIdiomRules
{
    private static readonly Fact Name = new("name", "User's name is {name}.", "name", true);
    private static readonly Fact Lives = new("location", "User lives in {place}.", "location", true);
    private static readonly Fact Employer = new("employer", "User works at {org}.", "employer", true);
    private static readonly Fact Likes = new("preference", "User {vp}.", "likes:{list}");
    private static readonly Fact Dislikes = new("dislike", "User does not like {np}.", "dislikes:{np}");
    private static readonly Fact Avoids = new("constraint", "User wants no {np}.", "avoids:{np}");
    private static readonly Fact Allergy = new("constraint", "User must avoid {np}: it causes a reaction ({reaction}).", "allergy:{np}");
    private static readonly Fact Goal = new("goal", "User wants {np} by {when}.", "goal:{np}");

    /// <summary>Rules for what follows "I"; the pattern begins with the verb.</summary>
    public static readonly Rule[] FirstPerson =
    [
        new("have_been|been ?based ?living ?over ?up ?down in {place} for|going_on|over|about|since {when:np}", Bare, Lives),
        new("could eat|drink|watch|read|listen_to|live_on|play {list} on_repeat|until|till|for_hours|and_never|every_meal|24/7|every_night", None, Likes),
        new("lip-read|lipread|sign [{np}]", None, new Fact("constraint", "User {vp}.", "access:{verb}")),
        new("want|hope_for|would_love|would_like ?to ?have ?a|an|my {np} by|before {when:date}", Bare, Goal),
        new("am on ?the first|second|third|lead|solo {game} [{rest:np}]", None, new Fact("interest", "User plays {game}.", "plays:{game}")),
        new("work|works|working on|in|behind|at the ?local {spot:workplace} [at|for {org}]", Bare, new Fact("profession", "User works on the {spot}.", "profession", true), Employer),
        new("get|come_out|break_out ?all {reaction} from|with|off|whenever|when|if|after {np}", None, Allergy),
        new("swell|flare|seize up from|with|whenever|when|if|after {np}", None, new Fact("constraint", "User must avoid {np}: they react to it.", "allergy:{np}")),
        new("never|rarely|hardly_ever leave_home|go_out|travel|fly|cook without|with {np}", None, new Fact("preference", "User {vp}.", "habit:{np}")),
        new("go to bed|sleep at|by|before|around {when:np}", None, new Fact("preference", "User {vp}.", "habit:sleep", true)),
        new("have ?got a|an ?real|big|huge|serious|massive sweet_tooth|green_thumb|black_belt|short_fuse|photographic_memory [{rest:np}]", None, new Fact("other", "User {vp}.", "trait:{vp}")),
        new("am a|an ?complete ?total ?real ?bit_of_a {np} nerd|geek|nut|fiend|snob|addict|obsessive|bore", None, new Fact("interest", "User {vp}.", "likes:{np}")),
        new("want|need|expect|like|prefer {ask:np} in|with|for every|each|all|any {unit:replyunit}", None, new Fact("style", "User wants {ask} with every {unit}.", "style:{ask}", true)),
        new("doing|learning|am_doing|am_onto|am_on_to {langs} instead|now", Bare | Update, new Fact("goal", "User is learning {langs}.", "learning:{langs}")),
        new("am|gone|went ?gone back on|to|onto {food:returned}", Bare | Update | Dated, new Fact("constraint", "User eats or drinks {food} again.", "diet", true)),
        new("am ?always closed|shut|off ?on ?every {d:day}", Bare, new Fact("constraint", "User is off on {d}.", "schedule:off")),
        new("get|go|travel|commute|move about|around|everywhere|to_work by|on|in {np}", None, new Fact("preference", "User {vp}.", "travels", true)),
        new("have ?got {np} every|each|most {when:np}", None, new Fact("constraint", "User has {np} every {when}.", "schedule:{np}")),
        new("work|works|working from|in my|our|the {spot:home}", None, new Fact("constraint", "User {vp}.", "schedule:place", true)),
        new("am picking up {langs}", None, new Fact("goal", "User is learning {langs}.", "learning:{langs}")),
        new("do|handle|run the {job:np} for|at {org:firm}", None, new Fact("profession", "User {vp}.", "profession", true), Employer),
        new("do|handle|run the {job:np} for|at a|an {place:np} [, {org:firm}]", None, new Fact("profession", "User {vp}.", "profession", true), Employer),
        new("am doing|trying|taking|having|visiting {np} instead", Update | Dated, new Fact("goal", "User {vp}.", "goal:{np}")),
        new("never learned|learnt to {clause}", None, new Fact("constraint", "User {vp}.", "never:{clause}")),
        new("playing|am_playing {game}", Bare, new Fact("interest", "User is playing {game}.", "plays:{game}")),
        new("started|begun on|with {langs}", Bare | Update, new Fact("goal", "User is learning {langs}.", "learning:{langs}")),
        new("keep {np} to|under|below {count:num} [{rest:np}]", None, new Fact("constraint", "User {vp}.", "budget:{np}", true)),
        new("am sitting|taking|resitting ?sitting ?taking ?my|the|an|a {np} in|on|this|next {when:date}", Bare, new Fact("goal", "User {vp}.", "goal:{np}")),
        new("sitting|taking|resitting my|the|an|a {np} in|on|this|next {when:date}", Bare, new Fact("goal", "User is {vp}.", "goal:{np}")),
        new("am on the {spot:workplace}", None, new Fact("profession", "User works on the {spot}.", "profession:where", true)),
        new("have done|been_doing|coded|programmed {np} for|since {when:np}", None, new Fact("other", "User {vp}.", "since:{np}")),
        new("am back ?home in {place} [for_good|permanently|now]", Bare | Update, Lives),
        new("graduated", Bare | Dated | Closed | Update, new Fact("event", "User graduated.", "event:graduation", true)),
        new("have_been|been {diet} since|for {when:np}", Bare, new Fact("constraint", "User is {diet}.", "diet", true)),
        new("work|works in|at a|an|the {spot:np} for|at {org:firm}", None, new Fact("profession", "User works in {spot}.", "profession", true), Employer),
        new("have_never|never been able to stand|eat|drink|do|get_into|like {list}", Bare, new Fact("dislike", "User has never been able to stand or like {list}.", "dislikes:{list}")),
        new("am writing|calling|typing ?to ?you from {place}", Bare, Lives),
        new("am having|expecting ?a ?little boy|girl [, {when:np}]", Bare | Dated, new Fact("event", "User {vp}.", "event:baby", true)),
        new("am putting|setting|putting|setting {np} aside|away|by for {aim:np}", Bare, new Fact("goal", "User is saving for {aim}: {np}.", "goal:{aim}")),
        new("am the ?only ?proud ?designated {np} of|in|at my|our|the {where:np}", None, new Fact("other", "User {vp}.", "trait:{np}")),
    ];

    /// <summary>Rules for what a question takes for given.</summary>
    public static readonly Rule[] Presupposed =
    [
        new("my|our ?little|small|tiny|new|old|rented {home:dwelling} ?here ?back ?up ?down in|near|outside {place}", None, Lives),
        new("my|our ?severe|bad|mild ?severe {np} allergy", None, new Fact("constraint", "User has {a:np} allergy.", "allergy:{np}")),
    ];

    /// <summary>Rules that don't need "I".</summary>
    public static readonly Rule[] Anywhere =
    [
        new("hi|hello|hey|hiya|morning|evening|afternoon|greetings|hola ?all ?there ?everyone ?, {name:selfname} from|in {place}", ClauseStart | Closed, Name, Lives),
        new("it is {name:selfname} , by_the_way|btw|in_case", ClauseStart, Name),
        new("nobody|no_one calls me anything but|except|other_than {name}", ClauseStart, Name),
        new("officially|legally {name:selfname}", ClauseStart | Closed, new Fact("name", "User's legal name is {name}.", "name:legal", true)),
        new("give me {np} over anything|everything", ClauseStart, new Fact("preference", "User likes {np} best.", "likes:{np}")),
        new("{years:num} years|months at|with|for {org:firm} and|then they|management|now {rest:clause}", ClauseStart | Dated | Update, new Fact("event", "User left {org} after {years} years: they {rest}.", "employer", true)),
        new("{years:num} years|months at|with {org:firm} and|then they|management {rest:np}", ClauseStart | Dated | Update, new Fact("event", "User left {org} after {years} years: they {rest}.", "employer", true)),
        new("{np} , always|every_time|forever|no_exceptions", ClauseStart | Closed, new Fact("preference", "User always prefers {np}.", "prefers:{np}")),
        new("{np} makes|make me feel trapped|sick|ill|anxious|stupid|claustrophobic|queasy|awful|small|old|dizzy|uneasy|unsafe|nervous", ClauseStart, Dislikes),
        new("it is a|an ?old ?tiny ?little ?big ?converted {home:dwelling}", ClauseStart, new Fact("possession", "User's home is {a:home}.", "home:kind", true)),
        new("{lang} at|with home|work|school|church|my_parents|my_kids|my_wife|my_husband|the_kids|family|uni", ClauseStart, new Fact("language", "User speaks {lang} at {last}.", "language:{lang}")),
        new("{who:selfname} next_door|downstairs|upstairs|across_the_road|over_the_road is|has|who {rest:np}", ClauseStart, new Fact("relationship", "User has a neighbour named {who}: {rest}.", "relationship:neighbour:{who}")),
        new("there is|are ?now ?only a|an|the|one|two|three {np} in|at|on my|our|the ?front ?back hallway|lounge|dining_room|study|bedroom|spare_room|room|studio|workshop|office|cupboard", ClauseStart | Dated, new Fact("possession", "User has {np} in their {last}.", "possession:{np}")),
        new("has|have|needs|need|must ?to be {need}", None, new Fact("constraint", "User needs this: {need}.", "access:{need}")),
        new("{when:day} nights|evenings|mornings|afternoons is|are ?always {np} for|with me|us", ClauseStart, new Fact("interest", "User has {np} on {when}.", "hobby:{np}")),
        new("{np} on_the_other_hand is|are|tastes|taste {rest:np}", ClauseStart, Dislikes),
        new("mine is ?on ?the {date}", ClauseStart, new Fact("date", "User's birthday is {date}.", "date:birthday", true)),
        new("{np} is|are all i|we cook|have|use|own|drive|eat|drink|need|work ?with|on|in", ClauseStart, new Fact("constraint", "User only has or uses {np}.", "limit:{np}")),
        new("there is only a|the|one {np} here|there", ClauseStart, new Fact("constraint", "User only has {np}.", "limit:{np}")),
        new("{role} down|up|over|out|back in {place} [here]", ClauseStart | Closed, new Fact("profession", "User is {a:role}.", "profession", true), Lives),
        new("wedding|work|our|my anniversary|birthday ,|: ?on ?the {date}", ClauseStart, new Fact("date", "User's {second} ({first}) is {date}.", "date:{second}", true)),
        new("rented|rental|student|council flat|house|room|apartment", ClauseStart, new Fact("possession", "User lives in a {first} {second}.", "home:kind", true)),
        new("{name:selfname} on paper", ClauseStart, new Fact("name", "User's name on paper is {name}.", "name:legal", true)),
        new("first|second|third|fourth|final|1st|2nd|3rd|4th year {np} at {org:firm}", ClauseStart, new Fact("other", "User is a {first}-year student of {np} at {org}.", "education:year", true)),
        new("any|all|every {np} should|must|has_to|have_to|needs_to|need_to {clause}", ClauseStart, new Fact("style", "User wants of any {np}: it must {clause}.", "style:any:{np}", true)),
        new("its {name:selfname} ,", ClauseStart, Name),
        new("{date} is the day|anniversary i|we|that|of {clause:np}", ClauseStart | Dated, new Fact("date", "On {date}: {clause}.", "date:{date}")),
        new("{np} is|are the ?only one|culprit|problem|enemy , i|my {rest:clause}", ClauseStart, new Fact("constraint", "User must avoid {np}: {rest}.", "allergy:{np}")),
        new("{gear:np} is my ?new {device} ?now", ClauseStart | Update, new Fact("possession", "User's {device} is {gear}.", "possession:{device}")),
        new("the {device} is a|an {gear:team}", ClauseStart, new Fact("possession", "User's {device} is {a:gear}.", "possession:{device}")),
        new("{place} , that is|'s home|me|where_i_live|us", ClauseStart, Lives),
        new("it|they|there needs|need|must_have ?a|an {need}", None, new Fact("constraint", "User needs this: {need}.", "access:{need}")),
        new("my|our job|role|work|position has|is|went ?gone ?went ?fully|entirely ?fully {how:workmode}", None, new Fact("constraint", "User's {second} is {how} now.", "schedule:place", true)),
        new("{role} as_of|since|starting {when:np}", ClauseStart | Update | Dated, new Fact("profession", "User is {a:role}.", "profession", true)),
        new("never do|use|pull|put_on the|that {np} with|on me", ClauseStart, new Fact("style", "User does not want {np}.", "style:{np}", true)),
        new("swearing|slang|emojis|jokes|sarcasm is|are fine|ok|okay|allowed|welcome ?with|by ?me", ClauseStart, new Fact("style", "User says {first} is fine.", "style:{first}", true)),
        new("everything|it_all lives|happens|goes ?now in|on {systems}", ClauseStart, new Fact("constraint", "User uses {systems} for everything.", "uses:everything", true)),
        new("it is ?all going towards|toward|into {np}", ClauseStart | Update, new Fact("goal", "User is saving for {np}.", "goal:{np}")),
        new("{when:day} is|are for {np}", ClauseStart, new Fact("interest", "User keeps {when} for {np}.", "hobby:{np}")),
        new("{np} is|are how i|we stay|keep|cope|survive|start|end|switch_off|recharge [{rest:np}]", ClauseStart, new Fact("interest", "User is into {np}.", "likes:{np}")),
        new("{need} is|are a must|essential|vital", ClauseStart, new Fact("constraint", "User needs {need}.", "access:{need}")),
        new("my ?big dream job|home|car|holiday|trip is|: {np}", ClauseStart, new Fact("goal", "User's dream {third} is {np}.", "goal:{np}")),
        new("dream job|home|car|holiday|trip is|: {np}", ClauseStart, new Fact("goal", "User's dream {second} is {np}.", "goal:{np}")),
        new("what i|we ?really ?actually want|would_love is to {clause}", ClauseStart, new Fact("goal", "User wants to {clause}.", "goal:{clause}")),
        new("my new year 's resolution is ?to {clause}", None, new Fact("goal", "User's resolution is to {clause}.", "goal:{clause}")),
        new("{np} for me|us always|every_time|forever", ClauseStart, new Fact("preference", "User always wants {np}.", "prefers:{np}")),
        new("{hobby:gerund} {count:num} times|evenings|mornings|nights|days a|per week", ClauseStart, new Fact("interest", "User does this {count} {third} a week: {hobby}.", "hobby:{hobby}")),
        new("it is {name:selfname}", ClauseStart | Closed, Name),
        new("at {org:firm} since|from|as_of {when:date}", Dated | Update, Employer),
        new("officially|finally|happily|now retired|unemployed|divorced|single|debt-free|self-employed [{rest:np}]", ClauseStart | Dated | Update, new Fact("event", "User is {second} now.", "profession:status", true)),
        new("no {np} in|at|under this|my|our|the house|home|household|kitchen|family|flat|roof|fridge", ClauseStart, Avoids),
        new("{np} bring|brings|put|puts|land|lands|leave|leaves|have|has|had|knock|knocks|turn|turns|sends|send|causes|cause|triggers|trigger me|my ?straight ?right ?out ?off ?in ?into ?to ?the {reaction}", ClauseStart, Allergy),
        new("{np} set|sets|setting off my {reaction}", ClauseStart, Allergy),
        new("{count:num} days|weeks|months|years ?deep ?now into {np}", ClauseStart, new Fact("goal", "User is {count} {second} into {np}.", "goal:{np}")),
        new("{who:selfname} turns|is_turning|will_be|turned {age1:num} [on|in|next|this {when:np}]", ClauseStart, new Fact("relationship", "User's {who} turns {age1}.", "relationship:known:{who}:age", true)),
        new("made|laid|let redundant|off|go after {years:np} at|with {org}", ClauseStart | Dated | Update, new Fact("event", "User left {org}: they were {first} {second}.", "employer", true)),
        new("my|our {np} collection", None, new Fact("possession", "User has a {np} collection.", "possession:{np} collection")),
        new("my|our {gear:keepsake}", None, new Fact("possession", "User has {a:gear}.", "possession:{gear}")),
        new("{drink} for me is|means ?always {how:np}", ClauseStart, new Fact("preference", "User's {drink} is always {how}.", "preference:{drink}", true)),
        new("{np} , not {other:np}", ClauseStart | Emphatic, new Fact("preference", "User prefers {np}, not {other}.", "prefers:{np}")),
        new("by|before {when:date} i|we want|hope_for|would_like|would_love ?to ?have ?a|an|my {np}", ClauseStart, Goal),
        new("my|our ?severe ?bad ?mild {np} allergy|intolerance", None, new Fact("constraint", "User has {a:np} allergy.", "allergy:{np}")),
        new("{np} and i|me go ?way|a_long_way back ?a_long_way", ClauseStart, new Fact("relationship", "User has known {np} for long.", "relationship:known:{np}")),
        new("{np} is|are in my blood|bones", ClauseStart, new Fact("interest", "User is into {np}.", "likes:{np}")),
        new("{np} is|are ?quite ?basically my whole|entire personality|life|world|identity", ClauseStart, new Fact("interest", "User is very into {np}.", "likes:{np}")),
        new("{np} makes|make my day|week|weekend|heart_sing|soul_sing", ClauseStart, new Fact("preference", "User loves {np}.", "likes:{np}")),
        new("{np} makes|make my skin_crawl|teeth_itch|blood_boil|stomach_turn|eyes_glaze_over", ClauseStart, Dislikes),
        new("{np} keeps|keep me ?fully sane|going|fit|busy|happy|young", ClauseStart, new Fact("interest", "User is into {np}.", "likes:{np}")),
        new("{np} fills|fill|owns|rules|runs|saved|swallows|eats ?up ?all my weekends|evenings|sundays|saturdays|life|spare_time|free_time|heart|sanity", ClauseStart, new Fact("interest", "User is very into {np}.", "likes:{np}")),
        new("{np} puts|put me off|right_off|to_sleep|on_edge", ClauseStart, Dislikes),
        new("{np} can ?all get in_the_bin|lost", ClauseStart, Dislikes),
        new("{np} rather_than|instead_of {other:np} for me|us", ClauseStart, new Fact("preference", "User prefers {np} over {other}.", "prefers:{np}")),
        new("{np} beats|beat|trumps|trump {other:np}", ClauseStart | Emphatic, new Fact("preference", "User prefers {np} over {other}.", "prefers:{np}")),
        new("{np} or nothing", ClauseStart | Closed, new Fact("preference", "User wants {np} or nothing.", "prefers:{np}")),
        new("the|our {what:dated} is ?due ?coming_up ?on|in {date}", ClauseStart, new Fact("date", "User's {what} is on {date}.", "date:{what}", true)),
        new("payday|bin_day|rent_day is ?always ?on ?the {date}", ClauseStart, new Fact("date", "User's {first} is {date}.", "date:{first}", true)),
        new("life is ?far ?too short for {np}", ClauseStart, Dislikes),
        new("spare me ?the ?any ?your {np}", ClauseStart | Emphatic, Dislikes),
        new("{np} has|have taken|eaten|swallowed over ?all ?of my|our {when:day}", ClauseStart, new Fact("interest", "User is very into {np}.", "likes:{np}")),
        new("{np} on a|an|my|our {when:day} is ?a sacred|non-negotiable|tradition|ritual", ClauseStart, new Fact("interest", "User does this every {when}: {np}.", "hobby:{np}")),
    ];
}
