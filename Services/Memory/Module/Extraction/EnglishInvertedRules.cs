using static MemoryMesh.Memory.Extraction.RuleTraits;

namespace MemoryMesh.Memory.Extraction;

/// <summary>
/// What a user says of themselves in another grammatical form than "I" and a verb: the value first ("Ghent is where I come from"), the fact as a noun
/// ("my fear of spiders"), the value as what acts ("astronomy fascinates me"), the thing set apart ("the bike I ride is a Brompton"). Tried after the other tables.
/// </summary>
internal static class EnglishInvertedRules
{
    private static readonly Fact Name = new("name", "User's name is {name}.", "name", true);
    private static readonly Fact Role = new("profession", "User is {a:role}.", "profession", true);
    private static readonly Fact Job = new("profession", "User's job is {np}.", "profession", true);
    private static readonly Fact Living = new("profession", "User earns a living with {np}.", "profession", true);
    private static readonly Fact Employer = new("employer", "User works at {org}.", "employer", true);
    private static readonly Fact Resigned = new("event", "User left {org}: they resigned.", "employer", true);
    private static readonly Fact Over = new("event", "User left {org}: that is over.", "employer", true);
    private static readonly Fact Lives = new("location", "User lives in {place}.", "location", true);
    private static readonly Fact From = new("location", "User is from {place}.", "origin", true);
    private static readonly Fact Speaks = new("language", "User speaks {lang}.", "language:{lang}");
    private static readonly Fact Learns = new("goal", "User is learning {lang}.", "learning:{lang}");
    private static readonly Fact Likes = new("preference", "User loves {np}.", "likes:{np}");
    private static readonly Fact Into = new("interest", "User is into {np}.", "likes:{np}");
    private static readonly Fact Dislikes = new("dislike", "User does not like {np}.", "dislikes:{np}");
    private static readonly Fact Fears = new("dislike", "User is afraid of {np}.", "dislikes:{np}");
    private static readonly Fact Avoids = new("constraint", "User does not have {np}.", "avoids:{np}");
    private static readonly Fact Allergy = new("constraint", "User must avoid {np}: they have a reaction to it.", "allergy:{np}");
    private static readonly Fact Diet = new("constraint", "User is {diet}.", "diet", true);
    private static readonly Fact Goal = new("goal", "User's goal: {np}.", "goal:{np}");
    private static readonly Fact Saving = new("goal", "User is saving for {np}.", "goal:{np}");
    private static readonly Fact Plan = new("goal", "User's goal is to {clause}.", "goal:{clause}");
    private static readonly Fact Budget = new("constraint", "User's budget is {np}.", "budget", true);
    private static readonly Fact Pet = new("relationship", "User has {a:kind} named {name}.", "relationship:{kind}:{name}");
    private static readonly Fact Aid = new("constraint", "User uses {aid}.", "access:{aid}");

    /// <summary>Rules for what follows "I"; the pattern begins with the verb.</summary>
    public static readonly Rule[] FirstPerson =
    [
        new("am known to everyone|everybody|all|friends|most|people|my_friends as {name}", None, Name),
        new("was|were christened|baptised|baptized {name:selfname}", None, new Fact("name", "User was named {name}.", "name:given", true)),
        new("was|were named {name:selfname} by|for|after my|our {np}", None, new Fact("name", "User was named {name}.", "name:given", true)),

        new("am paid to {clause}", None, new Fact("profession", "User is paid to {clause}.", "profession", true)),
        new("am|work|works in the {np} trade|business|industry|sector", None, new Fact("profession", "User works in the {np} {last}.", "profession", true)),
        new("am on the staff|payroll|books of|at {org:firm}", None, Employer),
        new("am a|an {org:team} employee", None, Employer),
        new("am {who:selfname} 's ?only ?younger ?older ?elder ?little ?big ?twin ?second husband|wife|uncle|aunt|mother|father|mum|mom|dad|brother|sister|godmother|godfather|guardian|carer|partner|grandmother|grandfather", None, new Fact("relationship", "User is {who}'s {last}.", "relationship:self:{who}")),

        new("have always been interested in {np}", None, Into),
        new("could|can ?easily ?happily live on|off {np:topic}", None, Likes),
        new("read|watch|listen_to|drink|eat|wear|play|cook|speak nothing_but|almost_only|hardly_anything_but {np}", None, new Fact("preference", "User {vp}.", "habit:{np}")),
        new("use|prefer|indent_with tabs|spaces|semicolons ?, not|over|instead_of|everywhere|for_indentation|always ?tabs ?spaces", None, new Fact("preference", "User {vp}.", "uses:indentation")),
        new("am a|an ?total ?complete ?absolute beginner|newbie|novice|noob at|in|with|to {np:topic}", None, new Fact("other", "User is a beginner: {np}.", "level:{np}", true)),
        new("am ?completely ?fairly ?pretty ?totally ?still new to {np:topic}", None, new Fact("other", "User is new to {np}.", "level:{np}", true)),
        new("have only ?got one ?working ?good ?functioning arm|leg|hand|eye|ear|kidney|lung", None, new Fact("constraint", "User {vp}.", "access:body", true)),
        new("owe {sum:np} in|on {aim:debt}", None, new Fact("other", "User {vp}.", "debt", true)),
        new("need|have to lose|gain|save|learn|quit {np} before|by {when:np}", None, new Fact("goal", "User {vp}.", "goal:{np}")),
        new("want|hope|plan|aim|would_like|would_love|am_hoping|am_planning to do a|an|the|my {what:challenge}", None, new Fact("goal", "User {vp}.", "goal:{what}")),
        new("am deeply|passionately|keenly|always interested in {np:topic}", None, Into),
        new("can not think|talk about|of anything|something but|except|else_but|other_than {np}", None, Into),
        new("think|talk about|of nothing but|except {np}", None, Into),
        new("can not stop thinking|talking|reading about {np}", None, Into),
        new("am no ?great ?big lover|friend|admirer of {np}", None, Dislikes),
        new("can not listen_to|watch {np:topic}", None, new Fact("dislike", "User {vp}.", "dislikes:{np}")),
        new("am reading|watching|playing|drinking|eating|cooking|baking a_lot|lots|loads|tons of {np}", Bare, new Fact("interest", "User {vp}.", "hobby:{np}")),
        new("keep|stick to a|an|the ?strict ?strictly {diet} diet|food", None, Diet),
        new("do not|never let|have {np} in|into|near my|our house|kitchen|mouth|fridge|home", None, Avoids),

        new("have the|a|an|every ?firm ?big ambition|dream|intention|aim|wish|plan to {clause}", None, Plan),
        new("have plans|ambitions|hopes to {clause}", None, Plan),
        new("am in training for {np}", None, Goal),
        new("depend|rely on {aid}", None, Aid),
        new("have started|begun eating|having|drinking {np} again|now_and_then|occasionally|sometimes|once_in_a_while", Bare | Update, new Fact("constraint", "User eats or drinks {np} now.", "diet", true)),
        new("have had|got a|my ?new job|post|position at|with {org:firm}", None, Employer),
        new("am happiest|happier|best|better ?off ?served with {ask:reply}", None, new Fact("style", "User wants {ask}.", "style:{ask}", true)),
        new("am on my ?very first|second|third|fourth|next novel|book|album|marathon|degree", None, new Fact("goal", "User {vp}.", "project:{last}")),
        new("have {count:num} {np} to my name", None, new Fact("other", "User {vp}.", "done:{np}")),
        new("was|were|have_been|am elected|appointed|voted ?as ?the ?a|an {role} [of {rest:np}]", Dated | Update, Role),
        new("spent my ?whole childhood|youth in|on|near {np}", None, new Fact("location", "User {vp}.", "origin:childhood", true)),
        new("hold|have|carry ?got ?a|an ?dual {nation:demonym} passport|citizenship|nationality", None, new Fact("other", "User is {nation} ({last}).", "nationality", true)),
        new("am off ?the alcohol|booze|sugar|meat|dairy|gluten|caffeine|coffee|carbs|cigarettes|bread", Closed, new Fact("constraint", "User is off {last}.", "avoids:{last}")),
        new("live|am alcohol-free|car-free|meat-free|sugar-free|caffeine-free|smoke-free", None, new Fact("constraint", "User {vp}.", "avoids:{last}")),
        new("am|are {num} at|in home|our_house|our_household|the_house", None, new Fact("relationship", "User's household has {num} people.", "household:size", true)),
    ];

    /// <summary>Rules that don't need "I".</summary>
    public static readonly Rule[] Anywhere =
    [
        new("{name:selfname} is what|how people|friends|everyone|everybody|they|colleagues|folks|most_people|my_friends call|calls|know me ?as", ClauseStart, Name),
        new("{name:selfname} is what i am called|known_as", ClauseStart, Name),
        new("the name on ?my|the passport|id|badge|papers|documents is {name:selfname}", ClauseStart, Name),
        new("it is {name:selfname} asking|writing|speaking|calling|typing|here", ClauseStart, Name),

        new("{np:doing} is|are how|what i|we earn|make ?my|our|a living|money|crust|keep|bread", ClauseStart, Living),
        new("{np:doing} is|are ?my ?full-time ?main job|occupation|career|vocation|calling", ClauseStart, Job),
        new("{role} is my ?full-time ?official job|occupation|job_title|profession|title|position", ClauseStart, Role),
        new("{np:doing} pays|pay|covers|cover ?for ?all ?the|my|our bills|rent|mortgage|way", ClauseStart, Living),
        new("{np:doing} is|are what pays|covers|earns ?me ?the|my|our bills|rent|mortgage|way|living|money", ClauseStart, Living),
        new("my|our living|income|wage|wages|salary comes|is|come ?made ?earned ?mostly from|by {np:topic}", None, Living),
        new("my profession|occupation|trade|job|job_title|day_job|line_of_work : ?a|an {role}", None, Role),
        new("my days|workdays|weekdays|working_days are|go ?spent ?filled|on|in ?on|in ?with {np:doing}", None, new Fact("profession", "User spends their days {np}.", "profession:days", true)),
        new("the job|work i|we do is {np}", ClauseStart, Job),
        new("my job|work|career|background|post is in {field}", None, new Fact("profession", "User works in {field}.", "profession", true)),
        new("my job|post|position|office|desk|work|placement|internship is at|with {org:firm}", None, Employer),
        new("the company|firm|business|organisation|organization|school|hospital|place i|we work for|at is ?called {org:firm}", ClauseStart, Employer),
        new("{org:firm} is|are my ?current ?new employer|employers|workplace|place_of_work", ClauseStart, Employer),
        new("{org:firm} is where|who i|we work ?for ?now|at", ClauseStart, Employer),
        new("{org:firm} employs|hired me", ClauseStart, Employer),
        new("{org:firm} pays my wages|salary|bills|rent|mortgage", ClauseStart, Employer),
        new("my ?letter ?of resignation|notice from|to|at|with {org:firm} went|goes|is|has|was ?being|been ?gone ?handed ?sent in|out", Dated | Update, Resigned),
        new("my ?letter ?of resignation|notice went|goes|is|has|was ?been ?gone ?handed ?sent in at|to|with {org:firm}", Dated | Update, Resigned),
        new("my ?last ?short contract|time|stint|days|years|tenure|chapter|job|role|employment|career with|at {org:firm} is|are|has|have|was|came|came_to ?now ?come ?come_to over|ended|done|finished|up|ends|behind_me|an_end", Dated | Update, Over),

        new("my|our ?home|postal address|place_of_residence is ?now ?in {place}", None, Lives),
        new("the ?small ?little ?tiny city|town|village|suburb|neighbourhood|neighborhood|place i|we live|am_based|am_settled ?in is ?called {place:team}", ClauseStart, Lives),
        new("since|after the|our|my ?big ?last move ?last ?week|month|year|spring|summer|autumn|winter it is {place}", ClauseStart | Update | Dated, Lives),
        new("the|our|my ?big move|relocation to {place} is|was|went|has ?now ?been done|over|complete|completed|finished|behind_us|behind_me|last|well|smoothly|in [{when:np}]", ClauseStart | Update | Dated, Lives),
        new("{place} is where i|we come_from|am_from|hail_from|was_born|were_born|am_originally_from", ClauseStart, From),
        new("{place} is where i|we grew|was|were up|raised|brought_up", ClauseStart, new Fact("location", "User grew up in {place}.", "origin:childhood", true)),
        new("my home_country|native_country|country_of_origin|birthplace|place_of_birth is {place}", None, From),

        new("{lang} is ?a|one|the ?only ?of ?the language|languages i|we speak|know|use|grew", ClauseStart, Speaks),
        new("{lang} is one of my|our ?three|four|two languages", ClauseStart, Speaks),
        new("{lang} is spoken|used at|in|with home|work|our|my ?house ?household ?family", ClauseStart, Speaks),
        new("at|with home|work|my ?parents ?family ?, it is ?mostly|always|only {lang}", ClauseStart, Speaks),
        new("then|next|later|after_that ?, came|comes {lang}", ClauseStart | Closed, Speaks),
        new("{lang} is what|the_language i|we am learning|studying|practising|practicing", ClauseStart, Learns),
        new("my {lang} lessons|classes|tutor|evening_class", None, Learns),

        new("the {kind:sort} i|we love|like|enjoy|prefer ?the best|most is|are {np}", ClauseStart, new Fact("preference", "User likes {np} best ({kind}).", "favourite:{kind}", true)),
        new("the {kind:sort} i|we hate|dislike|loathe|fear ?the most is|are {np}", ClauseStart, Dislikes),
        new("{np} is|are the {kind:sort} i|we love|like|enjoy|prefer ?the best|most", ClauseStart, new Fact("preference", "User likes {np} best ({kind}).", "favourite:{kind}", true)),
        new("{np} is|are a|an|one|the ?only {kind:sort} i|we hate|dislike|loathe|can_not_stand|never_touch|never_eat|never_watch|never_drink", ClauseStart, Dislikes),
        new("{np} is|are a|an|one|the ?only {kind:sort} i|we ?really love|adore", ClauseStart, Likes),
        new("{np} is|are ?a|an|my|one ?great|big|first|true|old|lifelong|huge|real love|loves|passion|obsession|joy|pleasure|weakness|interest of mine", ClauseStart, Into),
        new("{np} is|are|has ?been my|our ?great|big|first|true|old|lifelong|main|chosen|favourite love|passion|joy|interest|pastime|game|instrument|sport|hobby|obsession", ClauseStart, Into),
        new("my|our ?one ?main great|big|first|true|old|lifelong|main|only ?great love|passion|joy|interest is|are|has_always_been {list}", None, new Fact("interest", "User is into {list}.", "likes:{list}")),
        new("my interest|pastime|instrument|sport|game is|are|lies|has_always_been ?in {list}", None, new Fact("interest", "User is into {list}.", "likes:{list}")),
        new("my ?great ?lifelong love|liking|fondness|passion|enthusiasm of|for {np:topic} is|knows|has|goes|began|started|comes|came|runs|grew|dates|never|makes|keeps", None, Likes),
        new("my ?lifelong interest in {np:topic} is|has|goes|began|started|comes|came|runs|grew|dates|never|keeps", None, Into),
        new("my ?great ?lifelong dislike|hatred|loathing|horror|distaste of|for {np:topic} is|knows|has|goes|began|comes|runs|dates|never|makes|keeps", None, Dislikes),
        new("my ?great ?lifelong ?silly ?irrational fear|dread|terror|phobia of {np:topic} is|has|goes|began|comes|came|runs|makes|keeps|means|stops", None, Fears),
        new("{np} is|are my ?one ?single ?only biggest|greatest|worst|main|only fear|dread|phobia", ClauseStart, Fears),
        new("{np} is|are what scares|frightens|terrifies|annoys|irritates|bothers|disgusts|bores me ?the ?most|witless|stiff", ClauseStart, Dislikes),
        new("{np:topic} is|are ?just disgusting|revolting|vile|gross|inedible|foul", ClauseStart | Closed, Dislikes),
        new("{np} is|are what i|we hate|dislike|loathe|dread|fear ?the most|more_than_anything", ClauseStart, Dislikes),
        new("{np} is|are something|a_thing|one_thing|things|the_one_thing i|we ?really ?truly love|like|enjoy|adore|never_get_tired_of|never_tire_of|can_not_get_enough_of|can_not_live_without|can_not_do_without|never_miss|always_look_forward_to|look_forward_to", ClauseStart, Likes),
        new("{np} is|are something|a_thing|one_thing|things|the_one_thing i|we ?really ?truly hate|dislike|loathe|detest|can_not_stand|can_not_bear|can_not_abide|could_never_stand|dread|fear|do_not_like|do_not_enjoy|never_liked", ClauseStart, Dislikes),
        new("{np} is|are something|a_thing|one_thing|things i|we avoid|steer_clear_of|stay_away_from|keep_away_from|refuse", ClauseStart, Avoids),
        new("{np} is|are something|a_thing|one_thing|things i|we never|do_not|can_not|will_not|could_never|would_never eat|drink|use|touch|wear|watch|buy|cook|do|play|order|have|own|tolerate|digest|handle|stomach|drive|smoke|order", ClauseStart, new Fact("constraint", "User does not {last} {np}.", "avoids:{np}")),
        new("{np} is|are not something|anything|a_thing|things i|we ?can|could|would|will ?ever ?really enjoy|like|love|eat|drink|watch|do|use|touch|wear|read|tolerate|stand|bear|have|listen_to|care_for", ClauseStart, new Fact("dislike", "User does not {last} {np}.", "dislikes:{np}")),
        new("{np} ?, though|however|on_the_other_hand|mind_you ?, ?i|we can_not|hate|loathe|never|do_not ?ever ?ever stand|bear|abide|touch|like|watch|eat|drink|use ?it|them", ClauseStart, Dislikes),
        new("{np} ?, though|however|on_the_other_hand|mind_you ?, i|we hate|loathe|detest|avoid|dislike ?it|them", ClauseStart, Dislikes),
        new("{np:topic} gets|get me every_time", ClauseStart, Likes),
        new("{np:topic} appeals|appeal to me", ClauseStart, Likes),
        new("{np:topic} fascinates|fascinate|intrigues|intrigue|captivates|absorbs|interests|interest me", ClauseStart, Into),
        new("{np:topic} has|have|had me hooked|fascinated|obsessed|captivated", ClauseStart, Into),
        new("my|our ?free|spare evenings|weekends|nights|mornings|sundays|saturdays|time belongs|belong|goes|go|disappear|disappears|vanish|vanishes ?all|mostly to|on|into {np}", None, new Fact("interest", "User spends their {second} on {np}.", "hobby:{np}")),
        new("hardly|barely|scarcely|rarely|not|no ?ever ?a|an|any ?single ?free day|week|evening|weekend|month|morning|night|sunday|saturday goes|passes|went|has_passed|has_gone ?by|past without {np:topic}", Dated, new Fact("interest", "User does this all the time: {np}.", "hobby:{np}")),
        new("there is|are|has|have|was hardly|barely|scarcely|rarely|never|not ?been a|an|any|one ?single ?free day|week|evening|weekend|month|morning|night|sunday|saturday without {np:topic}", Dated, new Fact("interest", "User does this all the time: {np}.", "hobby:{np}")),
        new("a day|week|weekend|evening|morning without {np:topic} is|feels ?like ?a|not {rest:np}", ClauseStart, Into),

        new("my|our lips|throat|tongue|face|mouth|eyes|skin|stomach|airways|chest|hands swell|swells|close|closes|itch|itches|tingle|tingles|burn|burns|tighten|tightens|puff|puffs|blister|blisters|cramps ?up ?shut ?over after|from|with|at ?eating|having|touching ?even ?a|an|one|the ?single|tiny|little|mere {np:eaten}", None, new Fact("constraint", "User must avoid {np}: their {second} {third}.", "allergy:{np}")),
        new("{np:eaten} would|could|will|can ?easily put|land|send me in|into|to ?the hospital|intensive_care|emergency_room|er|a&e", ClauseStart, Allergy),
        new("{np} is|are ?very ?really ?actually dangerous|poison|poisonous|toxic|deadly|lethal|life-threatening for|to me|us", ClauseStart, Allergy),
        new("{np:topic} is|are ?now ?very_much back on|in my|our|the menu|plate|table|diet|kitchen|list ?since|again", ClauseStart | Update, new Fact("constraint", "User eats or drinks {np} again.", "diet", true)),
        new("{np:topic} is|are off|not_on|never_on my|our menu|plate|shopping_list", ClauseStart, Avoids),
        new("my ?only ?one ?main allergy|intolerance is to {items}", None, new Fact("constraint", "User is allergic to {items}.", "allergy:{items}")),
        new("allergy|allergies|intolerance|intolerances|allergic_to : {items}", ClauseStart, new Fact("constraint", "User is allergic to {items}.", "allergy:{items}")),
        new("a|an|my ?severe ?bad ?mild allergy|intolerance to {np:topic} rules|means|stops|keeps|prevents|makes|has", ClauseStart, new Fact("constraint", "User is allergic to {np}.", "allergy:{np}")),
        new("{years:num} years|months|decades ?of|a|as_a ?strictly {diet} ?now ?already", ClauseStart, new Fact("constraint", "User has been {diet} for {years} {second}.", "diet", true)),
        new("more of a|an {diet} now|these_days", ClauseStart | Update, Diet),
        new("my|our ?whole ?entire diet|meals|food|eating|cooking is|are ?strictly ?all ?entirely ?mostly ?100% {diet}", None, Diet),
        new("{diet} food|meals|dishes|cooking is|are all|what i|we eat|cook|have", ClauseStart, Diet),
        new("{np} has|have not touched|passed|crossed my lips", ClauseStart | Dated, Avoids),
        new("there is|are no|never ?any {np} in my|our diet|meals|cooking|coffee|tea|fridge", ClauseStart, Avoids),

        new("my|our {kind:vehicle} , a|an {gear:np}", None, new Fact("possession", "User's {kind} is a {gear}.", "possession:{kind}")),
        new("my|our {kind:device} , a|an {gear:team}", None, new Fact("possession", "User's {kind} is a {gear}.", "possession:{kind}")),
        new("the|our {kind:vehicle} is {gear:thing}", ClauseStart, new Fact("possession", "User's {kind} is {gear}.", "possession:{kind}")),
        new("the|our {kind:device} is {gear:thing}", ClauseStart, new Fact("possession", "User's {kind} is {gear}.", "possession:{kind}")),
        new("the {kind:vehicle} i|we drive|ride|own|have|sail is ?a|an|the {gear:np}", ClauseStart, new Fact("possession", "User's {kind} is a {gear}.", "possession:{kind}")),
        new("the editor|ide|browser|shell|os|distro|framework|database|phone|camera|keyboard|laptop|software|app i|we use|code_in|write_in|work_in|work_with|type_on is ?called ?a|an {gear:team}", ClauseStart, new Fact("preference", "User's {second} is {gear}.", "uses:{second}", true)),
        new("{gear:np} is|are the {kind:vehicle} i|we drive|ride|own|have|sail", ClauseStart, new Fact("possession", "User's {kind} is {gear}.", "possession:{kind}")),
        new("{gear:np} is|are my|our ?new ?old ?trusty ?first {kind:vehicle}", ClauseStart, new Fact("possession", "User's {kind} is {gear}.", "possession:{kind}")),
        new("{gear:np} is|are what i|we own|live_in|rent", ClauseStart, new Fact("possession", "User has {gear}.", "possession:{gear}")),
        new("{gear:team} is ?my|our|the ?main ?usual ?daily editor|ide|browser|shell|os|operating_system|distro|framework|terminal|database|programming_language|note-taking_app i|we|of ?use ?work_in ?choice", ClauseStart, new Fact("preference", "User uses {gear}.", "uses:{gear}")),
        new("{gear:team} is my ?main ?usual ?daily editor|ide|browser|shell|os|operating_system|distro|framework|terminal|database|programming_language|note-taking_app", ClauseStart, new Fact("preference", "User's {last} is {gear}.", "uses:{last}", true)),
        new("{gear:team} is|are what i|we code|program|write|develop|work ?in|on|with", ClauseStart | Closed, new Fact("preference", "User uses {gear}.", "uses:{gear}")),
        new("{gear:os} is|are what i|we run|use", ClauseStart | Closed, new Fact("constraint", "User uses {gear}.", "uses:{gear}")),
        new("{codelang} is my ?main ?only ?first ?favourite ?chosen ?programming|coding language [, always|only ?ever with {how:np}]", ClauseStart, new Fact("constraint", "User programs in {codelang}.", "uses:{codelang}"), new Fact("style", "User writes {codelang} with {how}.", "style:code", true)),
        new("{codelang} is the ?only ?programming language i|we write|code|work|program|use ?in|with", ClauseStart, new Fact("constraint", "User programs in {codelang}.", "uses:{codelang}")),
        new("on|of|with|for|into|off my|our ?old ?new ?trusty ?little {gear:marque}", None, new Fact("possession", "User has {a:gear}.", "possession:{gear}")),
        new("the {gear:branded} is mine|ours", ClauseStart, new Fact("possession", "User has {a:gear}.", "possession:{gear}")),
        new("the {kind:pet} i|we have|keep|own|adopted|rescued is ?called|named {name:selfname}", ClauseStart, Pet),
        new("ours|mine is a|an {home:dwelling}", ClauseStart, new Fact("possession", "User's home is {a:home}.", "home:kind", true)),
        new("{home:dwelling} is what|where i|we live|have|own|rent ?in", ClauseStart, new Fact("possession", "User's home is {a:home}.", "home:kind", true)),
        new("number {n:num} is my|our parking_space|parking_spot|space|locker|desk|plot|berth|pitch|house|flat|mailbox|bib|shirt|garage", ClauseStart, new Fact("other", "User has number {n} as their {last} ({vp}).", "number:{last}", true)),
        new("my|our parking_space|parking_spot|space|locker|desk|plot|berth|pitch|bib is ?number {n:num}", None, new Fact("other", "User's {vp2}.", "number:{second}", true)),
        new("size {n:num} is my ?shoe ?dress ?ring size", ClauseStart, new Fact("other", "User's shoe or dress size is {n}.", "size", true)),

        new("{np} is|are my|our ?one|only|big|main|next|ultimate|long-term ?big goal|aim|target|dream|ambition|resolution ?for ?the ?this|next|coming ?year|summer|winter|spring|autumn|month", ClauseStart, Goal),
        new("{np} is|are what i|we am aiming|saving|working|training|hoping|gunning|studying|going for|at|towards|toward", ClauseStart, Goal),
        new("what i|we am aiming at is {np}", ClauseStart, Goal),
        new("to {np} is my|our ?one ?big aim|goal|dream|ambition|plan|wish|resolution", ClauseStart, new Fact("goal", "User's goal is to {np}.", "goal:{np}")),
        new("{np} is|are ?high ?still ?next on my|our bucket_list|wish_list|wishlist", ClauseStart, Goal),
        new("{np} is|are ?high ?still ?next on my|our list|agenda|programme for next|this year|summer|winter|spring|autumn", ClauseStart, Goal),
        new("my ?own training|preparation|preparations|savings|saving|revision for ?a|an|my {np:topic} has|have|is|are|starts|started|began|begins|go", None, Goal),
        new("my ?own training|preparation|preparations|revision for the {np:race} has|have|is|are|starts|started|began|begins|go", None, Goal),
        new("my|our savings are|go|is|goes for|into|towards|toward {np}", None, Saving),
        new("every|each|all ?my spare|free|extra euro|penny|pound|dollar|cent|cash|money goes|go ?straight into|to|towards|toward {np}", ClauseStart, Saving),
        new("my|our {what:aid} is|are ?called {gear:team}", None, new Fact("constraint", "User's {what} is {gear}.", "access:{what}", true)),
        new("{aid} is|are how|what i|we {rest:clause}", ClauseStart, Aid),
        new("my|our left|right|good ear|eye|hand|arm|leg|knee is ?very ?almost ?completely deaf|blind|weak|paralysed|paralyzed|bad|useless", None, new Fact("constraint", "User's {vp2}.", "access:{third}")),
        new("red_and_green|blue_and_green|green_and_red|colours look|looks the_same|alike|identical to me", ClauseStart, new Fact("constraint", "User is colour-blind: {vp}.", "access")),
        new("{hours:schedule} is|are what i|we work|do", ClauseStart, new Fact("constraint", "User works {hours}.", "schedule", true)),
        new("{np} is|are my|our ?absolute|upper ?weekly|monthly|yearly|food budget|limit|maximum|ceiling|spending_limit", ClauseStart, Budget),
        new("{np} is|are all|the_most i|we can|could ?ever spend|afford|pay|spare", ClauseStart, Budget),
        new("{age} is my age", ClauseStart, new Fact("other", "User is {age} years old.", "age", true)),
        new("{np} is|are what i|we studied|majored ?in ?at ?uni|university|college", ClauseStart, new Fact("other", "User studied {np}.", "education:{np}")),
        new("{np} is|was my ?university ?main degree|major|field_of_study|specialism|subject", ClauseStart, new Fact("other", "User studied {np}.", "education:{np}")),
        new("my ?main ?university subject|major|field_of_study|specialism is|was {np}", None, new Fact("other", "User studied {np}.", "education:{np}")),
        new("these_days|nowadays|lately ?, it is ?all|mostly|only {np:plural} for me|us", ClauseStart | Update, new Fact("preference", "User keeps to {np} now.", "prefers:{np}")),

        new("where|place_where i|we work ?now is ?called ?at {org:firm}", None, Employer),
        new("{org:firm} has|have employed me", ClauseStart, Employer),
        new("{org:firm} has|have let|laid me go|off", ClauseStart | Update | Dated, Over),
        new("{org:firm} is no_longer my employer|workplace", ClauseStart | Update | Dated, Over),
        new("the|my ?new job|post|position is at|with {org:firm} [, as ?a|an {role}]", Update | Dated, Employer, Role),
        new("my days|time|years|career as ?a|an {role} is|are over|done|behind_me|finished", Update | Dated, new Fact("event", "User is no longer {a:role}.", "profession", true)),
        new("my former|old|previous|last job|profession|trade was {np:doing}", None, new Fact("other", "User's former job: {np}.", "past:{np}")),

        new("{place} has|have become my|our ?new home", ClauseStart | Update, Lives),
        new("{place} is where you will find me|us", ClauseStart, Lives),

        new("my marriage to {name:selfname}", None, new Fact("relationship", "User is married to {name}.", "relationship:partner", true)),
        new("{name:selfname} has been|become my wife|husband|partner|girlfriend|boyfriend|spouse|fiancé|fiancée ?since ?in {when:date}", ClauseStart, new Fact("relationship", "User's {third} is {name}.", "relationship:partner", true)),
        new("the ?wonderful person|man|woman i am married|engaged to is {name:selfname}", ClauseStart, new Fact("relationship", "User is married or engaged to {name}.", "relationship:partner", true)),

        new("{animals} is|are what i|we keep|breed|raise", ClauseStart, new Fact("interest", "User keeps {animals}.", "keeps:{animals}")),
        new("a|an {np} every|each|before|after {when:np} is my|our|a ?sacred ritual|habit|tradition|routine|must", ClauseStart, new Fact("interest", "User does this every time: {np} ({when}).", "hobby:{np}")),
        new("my|every|each ?single mornings|morning|day|days|week|weekend|weekends starts|start|begins|begin|ends|end ?for ?me with ?a|an {np:topic}", ClauseStart, new Fact("interest", "User does this every {second}: {np}.", "hobby:{np}")),
        new("{when:day} is|are ?always {np:topic} night|day|evening|time|practice|rehearsal|rehearsals|training|class|club|lessons", ClauseStart | Closed, new Fact("interest", "User has {np} on {when}.", "hobby:{np}")),
        new("{when:day} is|are my|our ?only ?one day|days|morning|afternoon|evening off|free", ClauseStart, new Fact("constraint", "User has {when} off.", "schedule:off", true)),
        new("my|our eldest|youngest|oldest|firstborn|middle_child|middle_one ?child ?one ?kid is|has|starts|started|goes|studies|plays|works|lives|loves|hates|turned|turns|just {rest:np}", None, new Fact("relationship", "User's {second} child {vp2}.", "relationship:{second}")),
        new("my|our choir|band|team|club|orchestra|group|class|course rehearses|meets|trains|practises|practices|plays ?always on {when:day}", None, new Fact("interest", "User's {second} meets on {when}.", "hobby:{second}")),
        new("{np} is my voice|voice_part|squad_position", ClauseStart, new Fact("interest", "User sings or plays {np}.", "plays:{np}")),
        new("{side:team} is|are my ?football|rugby team|club|side", ClauseStart, new Fact("interest", "User supports {side}.", "supports:{side}")),
        new("the ?football ?rugby team|club|side i|we support|follow is|are {side:team}", ClauseStart, new Fact("interest", "User supports {side}.", "supports:{side}")),
        new("my|our heart beats for {np}", None, Likes),

        new("{np} is|are what i|we have|take|drink|order ?now|these_days|nowadays|instead", ClauseStart | Closed | Update, new Fact("preference", "User has {np} now.", "preference:drink", true)),
        new("{np} is|are my ?usual ?favourite ?morning drink|tipple|order|poison", ClauseStart, new Fact("preference", "User's usual drink is {np}.", "preference:drink", true)),
        new("my ?usual ?favourite ?morning drink|tipple|poison is|are {np}", None, new Fact("preference", "User's usual drink is {np}.", "preference:drink", true)),
        new("{np} is|are how|the_way i|we ?always like|take|drink|eat|have|want it|mine|them", ClauseStart, new Fact("preference", "User likes {np}.", "likes:{np}")),
        new("my|our ?usual ?go-to ?morning {drink} is ?always a|an {how:brew}", None, new Fact("preference", "User's {drink} is a {how}.", "preference:{drink}", true)),
        new("my|our {drink} is|comes|has_to_be always|only|never|without|with|has_to_be|black {how:np}", None, new Fact("preference", "User's {vp2}.", "preference:{drink}", true)),
        new("{np:topic} never goes|go|belongs in|on|into my|our {kind:np}", ClauseStart, Avoids),
        new("no {np} in|on|for my|our {drink}", ClauseStart, new Fact("preference", "User wants no {np} in their {drink}.", "preference:{drink}", true)),

        new("{ask:reply} is|are what i|we ?always want|need|prefer|like", ClauseStart, new Fact("style", "User wants {ask}.", "style:{ask}", true)),
        new("{ask:reply} is|are my ?clear ?strong preference|style|thing", ClauseStart, new Fact("style", "User wants {ask}.", "style:{ask}", true)),
        new("{ask:reply} is|are ?always best|better|easiest|easier for me", ClauseStart, new Fact("style", "User wants {ask}.", "style:{ask}", true)),
        new("my ?clear ?strong preference is ?always ?for {ask:reply}", None, new Fact("style", "User wants {ask}.", "style:{ask}", true)),
        new("what i|we ?really want|need|prefer|like is|are {ask:reply}", ClauseStart, new Fact("style", "User wants {ask}.", "style:{ask}", true)),
        new("{lang} is what|the_language i|we want|need|prefer|like ?all ?your answers|replies ?to_be in", ClauseStart, new Fact("style", "User wants replies in {lang}.", "style:language", true)),
        new("emojis|emoji|slang|jokes|compliments|headings|hashtags|puns is|are not welcome|wanted|needed|appreciated|necessary", ClauseStart | Closed, new Fact("style", "User wants no {first}.", "style:{first}", true)),
        new("emojis|emoji|slang|jokes|compliments|headings|hashtags|puns is|are unwelcome|unwanted|banned|forbidden", ClauseStart | Closed, new Fact("style", "User wants no {first}.", "style:{first}", true)),
        new("metric|imperial|celsius|fahrenheit|kilometres|miles ?units is|are what i|we think|use|work|need ?in ?with", ClauseStart, new Fact("preference", "User thinks in {first}.", "units", true)),
        new("my|our units are metric|imperial", None, new Fact("preference", "User's units are {last}.", "units", true)),
        new("{zone:utc} is my|our ?own time_zone|timezone|zone", ClauseStart, new Fact("other", "User's time zone is {zone}.", "profile:time zone", true)),
        new("the|my|our ?local time ?zone ?here is {zone:utc}", ClauseStart, new Fact("other", "User's time zone is {zone}.", "profile:time zone", true)),

        new("my dyslexia|dyscalculia|colour-blindness|colour_blindness|color_blindness|deafness|tinnitus|stutter|stammer makes|means|is|keeps|gets|rules|stops {rest:clause}", None, new Fact("constraint", "User's {vp2}.", "access:{second}")),
        new("my|our diet excludes|forbids|rules_out|leaves_out {np}", None, Avoids),
        new("{np} is|are banned|excluded|gone|out from|of my|our diet|plate|menu|life", ClauseStart, Avoids),
        new("{np} is|are the ?one ?only thing|food|drink i|we can_not|do_not|never|must_not have|eat|drink|touch|tolerate", ClauseStart, Avoids),

        new("having worked|been ?as a|an {role}", ClauseStart, new Fact("other", "User has been {a:role}.", "past:{role}")),
        new("having grown up in|on|near {np}", ClauseStart, new Fact("location", "User grew up in or on {np}.", "origin:childhood", true)),
        new("as a|an {place:team} local|native|resident", ClauseStart, Lives),
        new("as a|an ?single ?working ?new ?stay-at-home mother|mum|mom|dad|father|parent|grandmother|grandfather of {np}", ClauseStart, new Fact("relationship", "User is a parent or grandparent ({vp}).", "relationship:self", true)),
        new("as the|an ?proud owner|keeper of a|an {np}", ClauseStart, new Fact("possession", "User is the owner of {a:np}.", "possession:{np}")),
        new("my job|work|career|day_job|life as a|an {role}", None, Role),
        new("my|our boss|bosses|colleagues|team|manager|coworkers|desk at {org:firm}", None, Employer),
        new("my|our commute from {place} to|into {rest:np}", None, Lives),
        new("my|our {kid:yearold} loves|keeps|is|has|wants|hates|likes|starts|goes|and|does|will|refuses|can|still|will_not|has_just", None, new Fact("relationship", "User has a child: {kid}.", "relationship:child:age", true)),
        new("my|our ?north-facing|south-facing|east-facing|west-facing ?little ?small garden|balcony|terrace|allotment|workshop in|near|outside {place:team}", None, Lives),
        new("the thesis|novel|dissertation|memoir|paper i|we am writing|finishing is ?all about|on {np}", ClauseStart, new Fact("goal", "User is writing a {second} about {np}.", "project:{second}")),
        new("my thesis|novel|dissertation|memoir|phd about|on {np:topic}", None, new Fact("goal", "User is working on a {second} about {np}.", "project:{second}")),
        new("my|our ?first ?next {what:race} in|on {when:date}", None, new Fact("goal", "User runs a {what} in {when}.", "goal:{what}")),
        new("the {what:race} i|we am training|preparing for is in|on {when:date}", ClauseStart, new Fact("goal", "User runs a {what} in {when}.", "goal:{what}")),
        new("my|our ?weekly {np:topic} lessons|evening_class|evening_classes", None, new Fact("interest", "User takes {np} lessons.", "learning:{np}")),
        new("my|our ?weekly {np:sport} class|classes|course|group", None, new Fact("interest", "User goes to {np} classes.", "learning:{np}")),
        new("my ?musical taste ?in ?music ?food ?films ?books is|runs|leans|tends ?to|towards|toward {np}", None, Likes),
        new("{np} is|are what i|we grew up with|on", ClauseStart, Likes),
        new("{np:topic} has|have been with me since|all|for {rest:np}", ClauseStart, Into),

        new("{np} has|have been ?a ?big part of my|our life|family|week", ClauseStart, Into),
        new("my|our nights|evenings|mornings|weekends|sundays|saturdays are ?always ?reserved for {np:topic}", None, new Fact("interest", "User's {second} are for {np}.", "hobby:{np}")),
        new("{np:doing} is|are something|a_thing|what i|we do every|each|most|on {when:np}", ClauseStart, new Fact("interest", "User does this ({when}): {np}.", "hobby:{np}")),
        new("{np:doing} is|are something|a_thing i|we never learned|learnt|mastered", ClauseStart, new Fact("constraint", "User never learnt {np}.", "never:{np}")),
        new("{np} is|are a|an ?weekend ?daily ?weekly ?old ?bad ?little ?nightly habit|ritual|tradition|hobby of mine|ours", ClauseStart, Into),
        new("it is my|our ?daily ?weekly ?little habit|custom|routine|ritual to {clause}", ClauseStart, new Fact("interest", "User's habit: {clause}.", "habit:{clause}")),
        new("my|our commute|way_to_work|journey_to_work|route_to_work is by|on {np}", None, new Fact("preference", "User travels to work by {np}.", "travels", true)),
        new("a|the|my bike|bus|train|tram|ferry|metro|bicycle|scooter takes|gets|carries me to work|the_office|school", ClauseStart, new Fact("preference", "User travels to work by {second}.", "travels", true)),
        new("my ?very first|second|third|fourth|next|new novel|book|album|memoir is underway|under_way|in_the_works|half_done|half_finished", None, new Fact("goal", "User's {vp2}.", "project:{third}")),
        new("{place} is my birthplace|place_of_birth|native_city", ClauseStart, From),
        new("my ?whole childhood|youth was ?spent in|on|near {np}", None, new Fact("location", "User spent their childhood in or on {np}.", "origin:childhood", true)),
        new("not|never a ?single drop|bite|crumb|sip of {np} passes|touches|has_passed|has_touched|passed my lips", ClauseStart, Avoids),
        new("my|our household|family|house|kitchen|home is ?strictly alcohol-free|car-free|meat-free|nut-free|gluten-free|pet-free|smoke-free|dairy-free|sugar-free", None, new Fact("constraint", "User's {second} is {last}.", "diet:household", true)),
        new("my left|right hand is my ?writing|good|dominant|strong hand|one", None, new Fact("constraint", "User's {vp2}.", "access:hand")),
        new("there is|are no {np} in my|our household|family|life", ClauseStart, Avoids),
        new("{num} people|adults live|share in|at ?in my|our house|home|flat|household", ClauseStart, new Fact("relationship", "User's household has {num} people.", "household:size", true)),
        new("my|our household is {num} people|persons|strong", None, new Fact("relationship", "User's household has {num} people.", "household:size", true)),
        new("my marriage ended|broke_down|fell_apart|is_over|has_ended [in|last {when:np}]", Dated | Update, new Fact("event", "User's {vp2}.", "event:marriage", true)),
        new("{np} and i|me are not on ?good ?speaking terms", ClauseStart, Dislikes),

        new("the {kind:pet} at ours|home is ?called {name:selfname}", ClauseStart, Pet),
        new("a|an ?old ?little {kind:pet} called|named {name:selfname} lives|shares|owns|rules|runs|sleeps ?with ?on ?in us|our|my|me", ClauseStart, Pet),
        new("at home|ours ?, there is a|an {kind:pet} called|named {name:selfname}", ClauseStart, Pet),
    ];
}
