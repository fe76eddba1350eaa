using static MemoryMesh.Memory.Extraction.RuleTraits;

namespace MemoryMesh.Memory.Extraction;

/// <summary>What a user says of themselves without "I": fragments, and sentences about the things around them. Tried after <see cref="EnglishRules"/> and <see cref="EnglishLifeRules"/>.</summary>
internal static class EnglishFragmentRules
{
    private static readonly Fact Name = new("name", "User's name is {name}.", "name", true);
    private static readonly Fact Role = new("profession", "User is {a:role}.", "profession", true);
    private static readonly Fact Lives = new("location", "User lives in {place}.", "location", true);
    private static readonly Fact Dislikes = new("dislike", "User does not like {np}.", "dislikes:{np}");
    private static readonly Fact Avoids = new("constraint", "User wants no {np}.", "avoids:{np}");
    private static readonly Fact Goal = new("goal", "User's goal is {clause}.", "goal:{clause}");

    /// <summary>Rules for what follows "I"; the pattern begins with the verb.</summary>
    public static readonly Rule[] FirstPerson =
    [
        new("am on|in {zone:team} time", None, new Fact("constraint", "User is on {zone} time.", "timezone", true)),
        new("am ?about|roughly {num} hours ahead|behind ?of {np}", None, new Fact("constraint", "User {vp}.", "timezone", true)),
        new("am in the southern|northern hemisphere", None, new Fact("location", "User {vp}.", "hemisphere", true)),
        new("am|are a family|household of {num}", None, new Fact("relationship", "User {vp}.", "household:size", true)),
        new("am ?a|the ?proud ?new godmother|godfather|godparent|aunt|auntie|uncle|guardian|stepmum|stepmom|stepdad|carer to|of|for {np}", None, new Fact("relationship", "User {vp}.", "relationship:self:{np}")),
        new("am the {role}", None, Role),
        new("share a|an|the|my|our {np} with {name:selfname}", None, new Fact("relationship", "User {vp}.", "relationship:shares:{name}")),
        new("am running|rocking ?a|an|on {gear:system}", None, new Fact("possession", "User uses {gear}.", "uses:{gear}")),
        new("am kind_of|sort_of a|an {role}", None, Role),
        new("am halfway|midway|part_way ?of ?the ?way through {np}", None, new Fact("goal", "User {vp}.", "goal:{np}")),
        new("was a|an {role} [until|till|for|at|with {rest:np}]", None, new Fact("other", "User {vp}.", "past:{role}")),
        new("born|raised|born_and_raised|born_and_bred in {place}", Bare, new Fact("location", "User was {vp}.", "origin", true)),
        new("am not on any|social {np}", None, new Fact("other", "User {vp}.", "lacks:{np}")),
        new("have decided|resolved|vowed to {goal}", Bare, new Fact("goal", "User {vp}.", "goal:{goal}")),
        new("can eat|drink|have {np} again", Update, new Fact("constraint", "User {vp}.", "diet", true)),
        new("type|write|work|draw|read on {tool}", None, new Fact("constraint", "User {vp}.", "uses:{tool}")),
        new("been into {list}", Bare, new Fact("interest", "User is into {list}.", "likes:{list}")),
        new("learn|work|think|remember|concentrate best|better from|with|by|when|in {np}", None, new Fact("preference", "User {vp}.", "best:{np}")),
        new("sew|knit|print|paint|weave|mix|bake on|with|in a|an|my {np}", None, new Fact("possession", "User {vp}.", "uses:{np}")),
        new("can not do {list}", Bare, new Fact("dislike", "User can't do {list}.", "dislikes:{list}")),
        new("find {np} unbearable|boring|dull|tedious|exhausting|annoying|awful|disgusting|gross|creepy|depressing|unreadable|stressful|tiring|pointless|overwhelming [{rest:np}]", None, new Fact("dislike", "User {vp}.", "dislikes:{np}")),
        new("find {np} relaxing|soothing|fascinating|calming|delicious|addictive|therapeutic|beautiful|wonderful", None, new Fact("preference", "User {vp}.", "likes:{np}")),
        new("think in metric|imperial|celsius|fahrenheit|kilometres|miles|kilos|pounds", None, new Fact("preference", "User {vp}.", "units", true)),
        new("am ?a|an ?big|huge|self-confessed|complete|total ?of ?a sucker|fiend|nut|nerd|junkie for {list}", Bare, new Fact("preference", "User {vp}.", "likes:{list}")),
        new("am mad|crazy|nuts|bonkers|passionate|evangelical about|for|on {list}", Bare, new Fact("interest", "User {vp}.", "likes:{list}")),
        new("mad|crazy|nuts|bonkers about {list}", Bare, new Fact("interest", "User is {first} about {list}.", "likes:{list}")),
        new("have gone off {list}", Update, new Fact("dislike", "User has gone off {list}.", "likes:{list}")),
        new("gone off {list}", Update, new Fact("dislike", "User has gone off {list}.", "likes:{list}")),
        new("restore|repair|breed|grow|brew|knit|sew|crochet|carve|forage {list}", None, new Fact("interest", "User {vp}.", "hobby:{list}")),
        new("have ?never|always|only ?ever ?been {status:np} since {when:np}", None, new Fact("other", "User {vp}.", "since:{status}")),
        new("only have use of {np}", None, new Fact("constraint", "User {vp}.", "access:{np}")),
        new("work|works|am_on ?from {d1:day} to|through|till|until {d2:day}", Bare, new Fact("constraint", "User works {d1} to {d2}.", "schedule", true)),
        new("can only concentrate|work|sleep|focus|study|relax|think|read with|to|when|if|in {np}", None, new Fact("preference", "User {vp}.", "only:{np}")),
        new("am on crutches|insulin|call|nights [{np}]", None, new Fact("constraint", "User {vp}.", "state:{second}", true)),
        new("am on a|an|my ?old ?new {gear:thing}", None, new Fact("possession", "User has {a:gear}.", "possession:{gear}")),
        new("used to play|live|work|teach|fence|row|run|swim|box|coach|dance|sing|smoke|own|race|ride|climb|do|keep|paint|fly|drive {past:clause}", None, new Fact("other", "User {vp}.", "past:{past}")),
        new("used to fence|row|box|swim|dance|sing|smoke|climb", None, new Fact("other", "User {vp}.", "past:{vp}")),
        new("am going for|with {np} straight_away|instead|now", Update, new Fact("goal", "User {vp}.", "goal:{np}")),
    ];

    /// <summary>Rules that don't need "I".</summary>
    public static readonly Rule[] Anywhere =
    [
        new("two|three|four|both of us run|own|manage {np}", ClauseStart, new Fact("profession", "User runs {np} with others.", "profession:own")),
        new("{org:firm} , where i|we ?have work|worked|been [since|for {when:np}]", ClauseStart, new Fact("employer", "User works at {org}.", "employer", true)),
        new("full-time|full_time|part-time|stay-at-home|single|proud dad|mum|mom|mother|father|parent here|of [{np}]", ClauseStart, new Fact("relationship", "User is a {vp}.", "relationship:self", true)),
        new("they/them|she/her|he/him|she/they|he/they", ClauseStart | Closed, new Fact("other", "User's pronouns are {first}.", "profile:pronouns", true)),
        new("you are talking|speaking|chatting to|with {name:selfname}", ClauseStart, Name),
        new("native|fluent {lang} speaker [here]", ClauseStart, new Fact("language", "User is a {first} {lang} speaker.", "language:{lang}")),
        new("a1|a2|b1|b2|c1|c2 in {lang}", ClauseStart, new Fact("language", "User's {lang} is {first}.", "language:{lang}")),
        new("{np} is|are a must|non-negotiable|necessity for me|us|any", ClauseStart, new Fact("constraint", "User needs {np}.", "needs:{np}")),
        new("lifelong|long-time|longtime|proud|loyal {tool} supporter|member|owner|follower", ClauseStart, new Fact("preference", "User is a {first} {tool} {last}.", "likes:{tool}")),
        new("our|the|my codebase|stack|backend|frontend|app is|runs|uses ?on ?in {tool}", ClauseStart, new Fact("constraint", "User's {second} is {tool}.", "uses:{second}", true)),
        new("you will|can ?usually|always|often find me {ing}", None, new Fact("interest", "User likes {ing}.", "hobby:{ing}")),
        new("hi|hello|hey|greetings|hiya|hola from {place}", ClauseStart, Lives),
        new("{place} born and bred|raised", ClauseStart, new Fact("location", "User is from {place}.", "origin", true)),
        new("{np} is|are my day_job|trade|profession|living|bread_and_butter|line_of_work", ClauseStart, new Fact("profession", "User's job is {np}.", "profession", true)),
        new("day|night|main|current|other|second|weekend job : {np}", ClauseStart, new Fact("profession", "User's {first} job is {np}.", "profession:{first}", true)),
        new("they|management|work|boss have|has made|promoted me ?to ?a|the {role}", ClauseStart | Update | Dated, Role),
        new("they|management|work|boss made|promoted me ?to ?a|the {role}", ClauseStart | Update | Dated, Role),
        new("they|management|work|boss have|moved|transferred ?moved ?transferred me to {np}", ClauseStart | Update | Dated, new Fact("profession", "User now works in {np}.", "profession", true)),
        new("do not call me {wrong:name} , ?just it|call|its is|me {name}", ClauseStart | Update, Name),
        new("it is {name:selfname} again", ClauseStart, Name),
        new("here is {name:selfname}", ClauseStart | Closed, Name),

        new("there is|are no {np} in|at|on|near my|our|the ?new|old kitchen|house|flat|home|office|car|village|town|street|place|garden|apartment|building|area|cabin", ClauseStart, new Fact("constraint", "User has no {np} in their {last}.", "lacks:{np}")),
        new("there is|are ?a|an|two|three {np} in|at|behind|on my|our|the hall|garden|garage|attic|cellar|basement|kitchen|yard|living_room|shed|back|balcony|roof|barn", ClauseStart, new Fact("possession", "User has {np} in their {last}.", "possession:{np}")),
        new("{np} is|are banned|forbidden|not_allowed in|at my|our house|home|household|flat|kitchen|office|school|family", ClauseStart, new Fact("constraint", "{np} is banned in the user's {last}.", "avoids:{np}")),
        new("mine is a|an {gear:team}", ClauseStart, new Fact("possession", "User has {a:gear}.", "possession:{gear}")),
        new("mine is|runs on {gear:team}", ClauseStart, new Fact("possession", "User's runs on {gear}.", "uses:{gear}")),
        new("my|our ?new|old|home|live|travel setup|gear|rig|kit|collection|arsenal|lineup|fleet is|: {list}", None, new Fact("possession", "User has {list}.", "possession:{list}")),

        new("{np} , never {other:np}", ClauseStart, new Fact("preference", "User prefers {np}, never {other}.", "prefers:{np}")),
        new("{np} every|any time|day over {other:np}", ClauseStart, new Fact("preference", "User prefers {np} over {other}.", "prefers:{np}")),
        new("{np} tastes|taste|smells|smell of {rest:np} to me", ClauseStart, Dislikes),
        new("{np} helps|help me a_lot|most|enormously|loads|hugely", ClauseStart, new Fact("preference", "{np} help the user.", "likes:{np}")),
        new("night|morning|early owl|person|bird|lark|riser", ClauseStart | Closed, new Fact("preference", "User is a {first} {second}.", "trait:{second}")),
        new("{who:selfname} 's birthday is ?on ?the {date}", ClauseStart, new Fact("date", "{who}'s birthday is {date}.", "date:birthday:{who}", true)),
        new("{np} is|are what i ?mostly listen|watch|read|drink|eat|play|use|wear|drive ?to", ClauseStart | Update, new Fact("preference", "User likes {np}.", "likes:{np}")),
        new("{np} leaves|leave me cold", ClauseStart, Dislikes),
        new("{np} does|do not do it for me", ClauseStart, Dislikes),
        new("{np} and i|me are not|no ?good friends|mates|compatible|match|fit", ClauseStart, Dislikes),
        new("{np} and i|me : no|never|nope", ClauseStart, Dislikes),
        new("{np} , that is my nightmare|worst_nightmare|idea_of_hell|pet_hate|pet_peeve", ClauseStart, Dislikes),
        new("{np} is|are not my thing|scene|style|cup", ClauseStart, Dislikes),
        new("{np} belongs|belong on|in {other:np}", ClauseStart | Emphatic, new Fact("preference", "User thinks {np} belongs on {other}.", "likes:{np}")),
        new("no {np} with|around|near me , ever|please|ever", ClauseStart, Avoids),
        new("{np} is|are ?strictly off the menu|table|list|cards for|with me|us", ClauseStart, Avoids),
        new("{np} kills|kill|wrecks|destroys me in|every|each {rest:np}", ClauseStart, new Fact("constraint", "User must avoid {np}.", "allergy:{np}")),

        new("my ?big|next|current|only|main|winter|summer goal|aim|project|challenge|plan|resolution|dream ?for ?this ?the ?coming ?next ?year|winter|summer|spring|autumn|month : {clause}", None, Goal),
        new("goal|dream is to {clause:goal}", ClauseStart, Goal),
        new("goal|dream|aim is a|an {clause:np}", ClauseStart, Goal),
        new("it is|has been my|our dream|goal|ambition|plan|wish to {clause}", ClauseStart, new Fact("goal", "User's dream is to {clause}.", "goal:{clause}")),
        new("{clause:np} , that is the|my|our dream|goal|plan|target|aim", ClauseStart, Goal),
        new("kids|children|boys|girls|sons|daughters|twins are {age1:num} , {age2:num} and {age3:num}", ClauseStart, new Fact("relationship", "User's {first} are {age1}, {age2} and {age3}.", "relationship:kids:age", true)),
        new("kids|children|boys|girls|sons|daughters are {age1:num} and {age2:num}", ClauseStart, new Fact("relationship", "User's {first} are {age1} and {age2}.", "relationship:kids:age", true)),
        new("my|our {device} only has|have|does|takes|runs|allows {np}", None, new Fact("constraint", "User's {vp2}.", "limit:{device}")),
        new("my|our ?work|home|old|new laptop|phone|computer|tablet|internet|account is locked|limited|restricted|stuck|capped {np}", None, new Fact("constraint", "User's {vp2}.", "limit:{subject}")),
        new("my {np} runs|run|expires|expire out|in|on ?in|on {date}", None, new Fact("date", "User's {vp2}.", "date:{np}:expiry", true)),
        new("my|our {np} is due ?on|in|by {date}", None, new Fact("date", "User's {np} is due on {date}.", "date:{np}:due", true)),
        new("everything in|on|with {zone:team} time", None, new Fact("constraint", "User is on {zone} time.", "timezone", true)),
    ];
}
