using static MemoryMesh.Memory.Extraction.RuleTraits;

namespace MemoryMesh.Memory.Extraction;

/// <summary>What people say as they speak: names beside other news, verdicts on things, and what stands in the second half of a sentence. Tried after the other tables.</summary>
internal static class EnglishSpokenRules
{
    private static readonly Fact Name = new("name", "User's name is {name}.", "name", true);
    private static readonly Fact Short = new("name", "User goes by {short}.", "name:short", true);
    private static readonly Fact Lives = new("location", "User lives in {place}.", "location", true);
    private static readonly Fact From = new("location", "User is from {place}.", "origin", true);
    private static readonly Fact Dislikes = new("dislike", "User does not like {np}.", "dislikes:{np}");
    private static readonly Fact Likes = new("preference", "User likes {np}.", "likes:{np}");
    private static readonly Fact Into = new("interest", "User is into {np}.", "likes:{np}");
    private static readonly Fact Saving = new("goal", "User is saving for {np}.", "goal:{np}");
    private static readonly Fact Goal = new("goal", "User's goal is to {clause}.", "goal:{clause}");
    private static readonly Fact LetGo = new("event", "User was let go from {org}.", "employer", true);
    private static readonly Fact Speaks = new("language", "User speaks {lang} ({rest}).", "language:{lang}");
    private static readonly Fact Pet = new("relationship", "User has {a:kind} named {name}.", "relationship:{kind}:{name}");

    /// <summary>Rules for what follows "I"; the pattern begins with the verb.</summary>
    public static readonly Rule[] FirstPerson =
    [
        new("am ?still ?a_bit|pretty|quite|rather ?about|roughly|around|only shaky|rusty|weak|wobbly|a1|a2|b1|b2|c1|c2|fluent|hopeless|passable|conversational in|at {lang}", None, new Fact("language", "User {vp}.", "language:{lang}")),
        new("use|speak {lang} at|for|with|in {rest:np}", None, Speaks),
        new("am_squirrelling|squirrelling|squirreling|stashing|socking|tucking|am_salting|salting|squirrel|stash ?every|all ?my|some|the ?spare money|penny|pennies|cash|pound|euro|bit|it|wages away for {np}", Bare, Saving),
        new("am_squirrelling|squirrelling|squirreling|stashing|socking|tucking|am_salting|salting away ?every|all ?my|some|the ?spare money|penny|pennies|cash|pound|euro|bit|wages for {np}", Bare, Saving),
        new("am ?absolutely determined|hell-bent|dead_set|bent|resolved to|on {clause}", None, Goal),
        new("want|need a|an|my|the {np:work} done|finished|written|ready|complete|completed|drafted by|before {when:np}", None, new Fact("goal", "User wants a finished {np} by {when}.", "goal:{np}")),
        new("want|need a|the ?full ?first ?rough draft of my {np} done|finished|written|ready|complete|completed by|before {when:np}", None, new Fact("goal", "User wants a draft of their {np} done by {when}.", "goal:{np}")),
        new("do|work|am_on|am_doing split|night|late|early|twelve-hour|12-hour|rotating|swing|back shifts", Bare, new Fact("constraint", "User works {second} shifts.", "schedule", true)),
        new("retired on|last|this|today|yesterday|in|after {rest:clause}", Bare | Dated | Update, new Fact("event", "User {vp}.", "profession:status", true)),
        new("got|have|bagged|took_on|was_given|was_allotted ?a|an|my ?half plot {np} down|at|on|over ?at the|our|my allotments|allotment", Bare | Dated, new Fact("possession", "User has an allotment: plot {np}.", "possession:allotment")),
        new("read|studied maths|mathematics|history|law|english|physics|chemistry|biology|classics|geography|philosophy|economics|medicine|music|theology|ppe|engineering|politics|zoology|botany|archaeology|french|german at {place:system} [in {when:np}]", Bare, new Fact("other", "User studied {second} at {place}.", "education:{place}")),
        new("look forward to|love|like {np} most_of_all|best_of_all|above_all|more_than_anything", None, Likes),
    ];

    /// <summary>Rules that don't need "I".</summary>
    public static readonly Rule[] Anywhere =
    [
        new("it is|'s ?it ?is|'s {name:selfname} and i|we ?uh", ClauseStart, Name),
        new("full|real|proper|given|actual|legal name is|'s {name:selfname} ?, but|though ?nearly everyone|everybody|people|friends|mates|all|they|folk ?just ?only says|say|call|calls|use|uses|shorten|shortens ?it ?me ?to {short:selfname}", ClauseStart, Name, Short),
        new("my full|real|proper|given|actual|legal name is|'s {name:selfname} ?, but|though ?nearly everyone|everybody|people|friends|mates|all|they|folk ?just ?only says|say|call|calls|use|uses|shorten|shortens ?it ?me ?to {short:selfname}", ClauseStart, Name, Short),
        new("it is|'s {name:selfname} on|in ?my|the ?official paper|passport|licence|license|birth_certificate|documents|paperwork|forms|payslip ?, ?but ?though ?nearly everyone|everybody|people|friends|mates|all|they|folk ?just ?only says|say|call|calls|use|uses|shorten|shortens ?it ?me ?to {short:selfname}", ClauseStart, Name, Short),
        new("it is|'s {name:selfname} on|in ?my|the ?official paper|passport|licence|license|birth_certificate|documents|paperwork|forms|payslip", ClauseStart, Name),
        new("everyone|everybody|friends|mates|people says|say|calls|call ?me {short:selfname} , you can|should too", ClauseStart, Short),
        new("{short:selfname} is what|how i answer_to|go_by|am_called|prefer|am_known", ClauseStart, Short),
        new("my|our eldest|youngest|oldest|firstborn|littlest , {name:selfname} ,", ClauseStart, new Fact("relationship", "User has a child, the {second}, named {name}.", "relationship:child:{name}")),
        new("{years:num} years ?now as|of_being|being ?a|an {role}", ClauseStart, new Fact("profession", "User is {a:role}: {years} years.", "profession", true)),
        new("{years:num} years a|an {role}", ClauseStart, new Fact("profession", "User is {a:role}: {years} years.", "profession", true)),
        new("{self:newcomer} this side", ClauseStart, Name with { Template = "User's name is {self}." }),
        new("home|base , which is|'s|means {place}", None, Lives),
        new("from|in|at|near|to|of|leaving {place:system} , where|which_is_where i|we ?now ?currently ?all live|am_based|are_based|am_living|are_living", None, Lives),
        new("from|in|at|near|to|of {place:system} , where|which_is_where i|we grew_up|come_from|was_born|were_born", None, From),
        new("{np} does|do ?really|absolutely my|our head|nut in", ClauseStart, Dislikes),
        new("{np} gets|get ?really ?right on my|our wick|nerves|tits", ClauseStart, Dislikes),
        new("{np} has|have|got me ?well_and_truly ?completely ?totally ?utterly hooked|gripped|addicted|obsessed", ClauseStart, Into),
        new("{np} has|have ruined|spoiled|spoilt me for {rest:np}", ClauseStart, Into),
        new("{np} is a|an ?real ?proper ?terrible sickness|disease|addiction|affliction|drug|illness and i|we have|got ?it|the ?bad|badly ?bug", ClauseStart, Into),
        new("{np:foods} always , ?and ?but", ClauseStart, new Fact("preference", "User always prefers {np}.", "prefers:{np}")),
        new("{np:foods} yes , ?but ?and any|every|always|all|please|anytime", ClauseStart, Likes),
        new("{org:firm} let|laid {who:num} of us go|off", ClauseStart | Dated | Update, LetGo),
        new("{org:firm} let|laid|made me|us|half_of_us|most_of_us|all_of_us|some_of_us go|off|redundant ?today|yesterday [on|last|this|in|after {when:np}]", ClauseStart | Closed | Dated | Update, LetGo),
        new("{org:firm} let|laid|made the|my|our|all ?whole|entire {crew:np} go|off|redundant ?today|yesterday [on|last|this|in {when:np}] ?, me_included|including_me|me_too|and_me|myself_included", ClauseStart | Dated | Update, LetGo),
        new("{tool:codelang} for fun|pleasure|side_projects|hobby_projects|my_own_stuff", ClauseStart | Dated, new Fact("constraint", "User programs in {tool} for fun.", "uses:{tool}")),
        new("{tool:codelang} for|at work|the_day_job|my_day_job|the_job|my_job|a_living", ClauseStart | Dated, new Fact("constraint", "User programs in {tool} at work.", "uses:{tool}")),
        new("{lang} at|in|with|to home|school|work|uni|church|the_office|the_classroom|my_parents|my_mum|my_mother|my_dad|my_father|my_gran|my_grandparents|the_cousins|my_cousins|the_in-laws|my_in-laws|the_kids|my_kids|my_husband|my_wife|my_partner|friends|my_friends|the_family|my_family|the_neighbours", ClauseStart, new Fact("language", "User speaks {lang}.", "language:{lang}")),
        new("{lang} i|we ?only|mostly|just use|speak|need|have for|at|with|to {rest:np}", ClauseStart, new Fact("language", "User uses {lang} for {rest}.", "language:{lang}")),
        new("the|our {kind:pet} is|'s called|named {name:selfname}", ClauseStart, Pet),
        new("{years:num} years|yrs ?of {what:ing} and|, they|it|i|we|my|all", ClauseStart, new Fact("other", "User spent {years} years {what}.", "past:{what}")),
        new("{when:day} mornings|afternoons|evenings|nights is|are ?strictly ?completely ?always off_limits|off-limits|out|blocked|taken|no_good|sacred|spoken_for ?for ?me|us", ClauseStart | Closed, new Fact("constraint", "User cannot do {when} {second}.", "schedule:{when}")),
        new("{kind:animals} : {n1:selfname} and {n2:selfname}", ClauseStart, new Fact("relationship", "User has {kind} named {n1} and {n2}.", "relationship:pets:{n1}")),
        new("{name:selfname} , who|whom i|we share|live ?a|the|my|our|this ?flat|house|place|room|apartment with , {rest:clause}", ClauseStart, new Fact("relationship", "User has a flatmate named {name}.", "relationship:flatmate:{name}"), new Fact("relationship", "User's flatmate {name} {rest}.", "relationship:flatmate:{name}:{rest}")),
        new("{count:num} of us in|at|share|sharing|under ?the|this|a|our|one flat|house|apartment|place|roof|houseshare : me|myself , {n1:selfname} ?who [is|'s|has|works|needs {d1:np}] , ?and {n2:selfname}", ClauseStart, new Fact("relationship", "User has a flatmate named {n1}.", "relationship:flatmate:{n1}"), new Fact("relationship", "User has a flatmate named {n2}.", "relationship:flatmate:{n2}")),
        new("give me {np:topic} and i am|will|can|could happy|go|work|sit|stay|be|do|concentrate|run|walk|read|listen|last", ClauseStart, Likes),
        new("put {np:topic} on ?the table|stereo|telly|menu|turntable|radio|tv and i am yours|there|happy|in", ClauseStart, Likes),
        new("all i|we have|use for {what:np} is {tool:system}", ClauseStart, new Fact("constraint", "User only has {tool} for {what}.", "uses:{tool}")),
        new("my|the|our work|office|home|school|company laptop|pc|computer|machine|tablet is stuck|still|locked|running on|to|with {gear:system}", ClauseStart, new Fact("possession", "User's {second} {third} runs {gear}.", "possession:{second} {third}", true)),
        new("this|next winter|summer|spring|autumn|season i am|will going_to|gonna|definitely|finally {clause:goal}", ClauseStart, Goal),
        new("first|second|third|fourth|fifth attempt|go|try at {np:bareexam} in|next|this {when:np}", ClauseStart, new Fact("goal", "User is taking {np} in {when} ({first} attempt).", "goal:{np}")),
    ];
}
