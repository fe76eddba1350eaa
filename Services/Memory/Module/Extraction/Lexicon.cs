using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <summary>Word classes that patterns and slot readers refer to.</summary>
internal static class Lexicon
{
    public static readonly FrozenSet<string> Adverbs = Words(
        "really rly much actually also just now currently still always usually mostly generally basically honestly absolutely totally completely definitely " +
        "kinda sorta pretty quite very super truly particularly especially mainly primarily recently lately finally already proudly happily " +
        "even only simply personally normally typically often sometimes regularly probably officially technically literally genuinely quietly secretly deeply strongly " +
        "nämlich tatsächlich übrigens eigentlich wirklich ziemlich realmente actualmente además actuellement vraiment désormais profoundly seriously massively hugely severely badly deathly highly slowly originally presently both well ever sadly fully nearly almost solely exclusively");

    public static readonly FrozenSet<string> Fillers = Words(
        "moin servus grüezi tach hej hei ciao hi hello hey hiya yo hola hallo bonjour salut sup greetings and so but well ok okay right oh ah um uh hmm hm huh erm eh also btw fyi plus anyway anyways look listen " +
        "ew eww omg idk bruh bro nah ngl lowkey tbf yeah yes yep yup sure nope thanks thank cheers lol haha heh lmao sorry actually honestly basically personally quick note ps p.s context background " +
        "intro update nvm welp ugh wow phew man dude mate folks all everyone there again now then because since though although as that turns out morning afternoon evening good " +
        "y also pero und aber et mais ich sag mal na ja tja also übrigens ah pues bueno oye alors bon ben euh incidentally admittedly tbh imo imho guess");

    public static readonly FrozenSet<string> Subjects = Words("i we");

    public static readonly FrozenSet<string> Pronouns = Words(
        "i we you he she it they them him her us me this that these those my our your his their its there who what one someone everyone something anything everything nothing");

    public static readonly FrozenSet<string> Determiners = Words("a an the my our your his her their its this that these those some any another each every no");

    /// <summary>Words that end a noun phrase.</summary>
    public static readonly FrozenSet<string> ClauseBreaks = Words(
        "jaja jajaja haha hahaha but so because although though whereas while whilst which who whose when whenever if unless where please btw lol haha lmao thanks tbh imo imho fyi then therefore hence " +
        "anyway however except yet heh whatever obviously apparently otherwise given considering hope hopefully aber weil denn pero porque mais parce und y et sondern");

    public static readonly FrozenSet<string> Coordinators = Words("and or plus nor");

    /// <summary>Words that begin a new clause after "and".</summary>
    public static readonly FrozenSet<string> ClauseStarters = Words(
        "i we you he she it they this that these there my our your his her their its what how why when where which who is are am was were have has had do does did not never " +
        "can could would should will may might must let want need please also then live lives work works love loves like likes hate hates prefer prefers speak speaks enjoy enjoys " +
        "own owns use uses play plays drive drives study studies teach teaches run runs moved started quit left got getting trying looking working living learning speak can't " +
        "don't always usually currently now just really recently keep make show tell give help explain yes no any dislike avoid eat drink collect ride grew born based allergic " +
        "terrified obsessed married prefers id if because since everyone everything people nothing");

    public static readonly FrozenSet<string> Questions = Words(
        "what what's whats how why who whom whose which where when is are am was were do does did can could should would will shall may might has have any anyone anybody anything " +
        "qué cuál cómo dónde cuándo quién puedes puede podrías hay es was wie wo wer warum wann welche welcher welches kannst können gibt ist sind soll comment pourquoi quel quelle quels quelles où " +
        "qui est peux pouvez est-ce combien cuánto wieviel recommend recommendations thoughts ideas tips suggestions advice worth possible");

    public static readonly FrozenSet<string> Auxiliaries = Words("is are am was were do does did can could should would will shall may might must has have had to the");

    /// <summary>Verbs of requests; a sentence that opens with one hands over a task, not a fact.</summary>
    public static readonly FrozenSet<string> TaskVerbs = Words(
        "write draft translate summarise summarize rewrite rephrase paraphrase proofread edit fix debug explain generate create compose make turn convert calculate compute compare " +
        "list show tell give find check review improve shorten expand analyse analyze describe design build implement refactor plan suggest recommend name help define solve correct " +
        "parse format extract classify complete continue finish polish answer respond reply sort count estimate outline brainstorm invent simulate act roleplay repeat print output " +
        "transcribe simplify flip toss roll spin imagine pretend suppose assume ignore disregard commit store save add insert set update traduce traduis traduire übersetze übersetz schreib schreibe escribe " +
        "resume résume corrige korrigiere écris explique erkläre explica hilf ayúdame aide read look identify test optimise optimize pick choose spell pronounce");

    public static readonly FrozenSet<string> PayloadVerbs = Words(
        "translate rewrite rephrase paraphrase proofread edit correct summarise summarize polish shorten expand improve check review fix traduce traduis traduire übersetze übersetz corrige " +
        "korrigiere simplify analyse analyze classify extract convert turn parse format transcribe grade reword traduis-moi");

    public static readonly FrozenSet<string> Professions = Words(
        "nurse sweep chef cook pilot vet barista paramedic attorney engineer developer dev programmer scientist analyst architect designer teacher doctor lawyer accountant student professor lecturer " +
        "researcher writer author journalist editor translator interpreter musician artist painter sculptor photographer filmmaker actor actress director producer manager consultant " +
        "electrician plumber carpenter mechanic welder builder roofer locksmith blacksmith farmer gardener florist baker butcher waiter waitress bartender server driver trucker courier " +
        "firefighter policeman policewoman officer detective soldier marine sailor fisherman lifeguard librarian archivist curator historian archaeologist geologist biologist chemist " +
        "physicist mathematician statistician economist psychologist psychiatrist therapist physiotherapist dentist surgeon gp radiologist anaesthetist pharmacist midwife optician optometrist " +
        "veterinarian zoologist botanist astronomer meteorologist oceanographer surveyor planner realtor broker banker trader auditor bookkeeper actuary underwriter recruiter secretary " +
        "receptionist administrator assistant clerk cashier salesperson salesman saleswoman marketer copywriter blogger podcaster youtuber streamer entrepreneur founder cofounder co-founder ceo cto " +
        "cfo coo president executive intern apprentice trainee postdoc phd undergrad undergraduate freshman sophomore junior senior graduate freelancer contractor handyman cleaner janitor " +
        "caretaker nanny au-pair babysitter carer caregiver childminder tutor coach trainer instructor dj composer conductor organist pianist violinist cellist guitarist drummer singer dancer choreographer " +
        "tailor seamstress dressmaker weaver potter ceramicist jeweller jeweler goldsmith watchmaker luthier cobbler upholsterer cabinetmaker joiner bricklayer stonemason mason glazier plasterer tiler " +
        "decorator glassblower beekeeper shepherd rancher vintner winemaker brewer distiller sommelier barber hairdresser stylist beautician tattooist model stewardess steward attendant " +
        "sysadmin admin devops sre tester qa strategist economist diplomat civil-servant politician judge magistrate paralegal solicitor barrister notary clerk registrar headteacher principal dean " +
        "technician operator machinist toolmaker miner logger ranger forester arborist landscaper conservator restorer illustrator animator cartoonist sommelier dietitian nutritionist optician " +
        "buyer courier tech vet-tech glazier tuner porter steward labourer laborer tradesman tradeswoman fitter roofer stylist ranger fundraiser campaigner programmer-analyst copyeditor proofreader subtitler captioner physio ot slp cna lpn rn paramedic ems emt dispatcher postman mailman postie bookseller shopkeeper grocer greengrocer fishmonger cheesemonger undertaker embalmer chaplain priest pastor rabbi imam " +
        "sparky brickie cabbie trucker squaddie binman lollipop-lady scheduler foreman supervisor superintendent coordinator specialist representative rep agent liaison advisor adviser counsellor counselor housewife househusband homemaker retiree pensioner " +
        "boatbuilder shipwright saddler farrier falconer puppeteer magician clown acrobat stuntman referee umpire jockey cyclist footballer athlete linguist philologist philosopher sociologist anthropologist " +
        "cartographer geographer lexicographer typesetter printer bookbinder projectionist roadie rigger gaffer grip cinematographer videographer choirmaster sexton groundskeeper gamekeeper " +
        "stay-at-home lead techlead phd-student perfumer chocolatier patissier pâtissier scaffolder signwriter upholsterer sonographer audiologist phlebotomist neuroscientist toxicologist");

    public static readonly FrozenSet<string> RoleSuffixExceptions = Words(
        "coriander cucumber butter ginger pepper lavender oyster lobster burger water winter summer december october november september weather dinner supper river leather thriller slipper blender mixer freezer timer chapter quarter newcomer beginner believer lover sufferer survivor sinner loser voter member user fighter quitter winner stranger foreigner teenager outsider dreamer sucker monster cancer killer hater " +
        "computer laptop printer error matter number letter paper order answer offer player learner thinker reader listener overthinker doer morning-person customer visitor owner father mother brother sister " +
        "daughter partner supporter follower prisoner goner bummer gamer hoarder sleeper eater drinker smoker stickler perfectionist optimist pessimist realist minimalist feminist socialist communist " +
        "nationalist atheist buddhist baptist methodist baby-boomer zoomer boomer millennial liar terror mirror error color colour favour flavor donor minor major factor creator narcissist racist " +
        "sexist harder cheaper warmer colder longer shorter stronger weaker louder quieter softer thicker thinner lighter darker spelling poor her over under ever never other another after easier faster better older younger taller bigger smaller later former latter newer per lurker beer deer steer skier climber runner " +
        "hiker swimmer surfer birder walker camper knitter crocheter quilter biker rider twitcher cyclist volunteer introvert vegetarian librarian-at-heart christian egyptian italian russian canadian australian " +
        "brazilian norwegian hungarian romanian bulgarian ukrainian indian indonesian iranian austrian belgian argentinian colombian peruvian scorpio sagittarian libertarian barbarian pedestrian virgo early-riser starter maker gentleman superman caveman talisman layman cayman ottoman secondhand second-hand beforehand shorthand firsthand offhand shepherd-dog madman snowman");

    public static readonly FrozenSet<string> Hobbyists = Words(
        "climber runner hiker swimmer surfer birder walker knitter crocheter quilter biker skier cyclist gamer birdwatcher reader sailor snowboarder skateboarder diver kayaker rower paddler beekeeper gardener gardner " +
        "angler chess-player bouldering-fan boulderer collector cinephile bookworm foodie whittler woodworker homebrewer stargazer larper dancer foodie audiophile cosplayer trekkie metalhead philatelist");

    public static readonly FrozenSet<string> Family = Words(
        "wife husband spouse partner girlfriend boyfriend fiancé fiancée fiance fiancee son daughter kid child baby toddler stepson stepdaughter twin twins brother sister sibling mother father mum mom mam mama dad papa " +
        "grandmother grandfather grandma grandpa gran granny nan nana grandad granddad aunt auntie uncle cousin niece nephew mother-in-law father-in-law brother-in-law sister-in-law son-in-law daughter-in-law " +
        "lodger penpal pen-pal godparent godparents grandkid grandkids grandchild grandchildren stepmother stepfather stepmum stepmom stepdad stepbrother stepsister godson goddaughter godfather godmother grandson granddaughter ex ex-wife ex-husband friend mate flatmate roommate housemate neighbour neighbor " +
        "boss manager colleague coworker co-worker teammate mentor supervisor landlord landlady therapist coach tutor teacher bestie bff parents kids teenager teenagers teen teens toddlers babies children sons daughters brothers sisters twins grandparents cousins nieces nephews " +
        "roomie roomies lad lass gf bf bestie godson boys girls lads in-laws stepkids stepkid stepchildren stepsons stepdaughters fiancés half-brother half-sister goddaughter au-pair sis bro hubby wifey missus fella kiddo kiddos nipper nippers flatmates housemates roommates uncles aunts nephews grandsons granddaughters godchildren");

    public static readonly FrozenSet<string> Pets = Words(
        "cockerel cockerels rooster roosters bantam bantams dog cat puppy pup kitten rabbit bunny hamster parrot budgie cockatiel tortoise turtle gecko snake horse pony donkey goat hen chicken duck ferret rat mouse gerbil iguana lizard goldfish fish canary " +
        "tabby greyhound whippet labrador lab retriever poodle spaniel terrier collie beagle dachshund corgi husky pug bulldog boxer rottweiler dalmatian chihuahua shepherd schnauzer mastiff setter pointer lurcher cockapoo " +
        "labradoodle cavapoo malamute samoyed akita shiba maltese shih-tzu pomeranian bichon siamese persian bengal ragdoll sphynx calico tortoiseshell ginger tom maine-coon coon cockatoo macaw parakeet conure lovebird guinea-pig pig " +
        "chinchilla hedgehog axolotl python boa dragon llama alpaca mare gelding stallion foal cob sheepdog rescue mutt mongrel kitty tomcat moggy tarantula newt frog pigeon crow vizsla weimaraner newfoundland doodle dane heeler " +
        "dogs cats rabbits bunnies hamsters parrots horses goats hens chickens ducks ferrets rats mice gerbils greyhounds whippets huskies pugs corgis beagles spaniels terriers poodles kittens puppies tortoises guinea-pigs pigs budgies alpacas llamas sheep ponies donkeys pet pets");

    public static readonly FrozenSet<string> Languages = Words(
        "english spanish german french italian portuguese dutch swedish norwegian danish finnish icelandic polish czech slovak hungarian romanian bulgarian greek turkish russian ukrainian serbian croatian slovenian " +
        "albanian macedonian lithuanian latvian estonian irish welsh gaelic basque catalan galician maltese arabic hebrew persian farsi dari pashto urdu hindi bengali punjabi gujarati marathi tamil telugu kannada malayalam " +
        "sinhala nepali burmese thai lao khmer vietnamese indonesian malay tagalog filipino mandarin cantonese chinese japanese korean mongolian kazakh uzbek georgian armenian azerbaijani amharic tigrinya somali swahili " +
        "yoruba igbo hausa zulu xhosa afrikaans shona esperanto latin bsl asl quechua guarani tibetan kurdish yiddish breton luxembourgish frisian hokkien hakka tatar belarusian bosnian oromo wolof twi kinyarwanda lingala māori maori hawaiian samoan cebuano ilocano hiligaynon waray sesotho setswana sotho tswana ndebele chichewa bemba luganda luo kikuyu fula bambara ewe tamazight berber uyghur malagasy fijian tongan faroese sardinian friulian romansh corsican turkmen kyrgyz tajik assamese odia sindhi konkani teochew shanghainese navajo aymara nahuatl papiamento javanese sundanese balinese krio patois " +
        "inglés español castellano alemán francés italiano portugués catalán euskera gallego ruso chino japonés árabe englisch spanisch deutsch schweizerdeutsch schwiizerdütsch plattdeutsch hochdeutsch französisch italienisch portugiesisch niederländisch polnisch russisch türkisch " +
        "português inglês espanhol francês alemão italiano inglese spagnolo francese tedesco portoghese nederlands engels duits frans anglais espagnol allemand français italien portugais néerlandais russe chinois japonais arabe " +
        "dänisch schwedisch norwegisch finnisch kroatisch serbisch tschechisch slowakisch ungarisch rumänisch bulgarisch griechisch ukrainisch arabisch hebräisch persisch japanisch chinesisch koreanisch vietnamesisch thailändisch gebärdensprache " +
        "sueco noruego danés polaco checo húngaro rumano griego turco ucraniano hebreo coreano vietnamita neerlandés holandés valenciano suédois norvégien danois polonais tchèque hongrois roumain turc ukrainien hébreu coréen vietnamien occitan");

    public static readonly FrozenSet<string> Demonyms = Words(
        "american british english scottish welsh irish german french spanish italian portuguese dutch swedish norwegian danish finnish icelandic polish czech slovak hungarian romanian bulgarian greek turkish russian ukrainian " +
        "serbian croatian slovenian albanian lithuanian latvian estonian belgian swiss austrian maltese moroccan algerian tunisian egyptian nigerian ghanaian kenyan ethiopian somali ugandan tanzanian zimbabwean zambian senegalese " +
        "cameroonian israeli lebanese syrian jordanian iraqi iranian afghan pakistani indian bangladeshi nepali sri-lankan thai vietnamese cambodian indonesian malaysian singaporean filipino filipina chinese taiwanese japanese korean " +
        "mongolian kazakh uzbek georgian armenian azerbaijani australian canadian mexican brazilian argentinian argentine chilean peruvian colombian venezuelan ecuadorian bolivian uruguayan paraguayan cuban jamaican dominican haitian kiwi aussie " +
        "brit scot catalan basque bavarian sicilian breton kurdish tibetan hawaiian texan californian londoner parisian berliner glaswegian mancunian");

    public static readonly FrozenSet<string> Months = Words(
        "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec " +
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre januar februar märz mai juni juli oktober dezember janvier février mars avril juin juillet août septembre octobre novembre décembre");

    public static readonly FrozenSet<string> Days = Words("monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thurs fri sat sun weekends weekdays christmas easter halloween");

    /// <summary>Words that many facts have, so that sharing one means nothing: an old lawnmower that was sold is no old Corolla.</summary>
    public static readonly FrozenSet<string> NameNothing = Words("old new big little long good drives rides uses works plays likes loves keeps enjoys first last one two");

    public static readonly FrozenSet<string> Diets = Words(
        "vegan vegetarian veggie pescatarian pescetarian flexitarian halal kosher keto paleo coeliac celiac lactose-intolerant gluten-free dairy-free teetotal sober omnivore fruitarian raw-vegan nut-free macrobiotic low-carb mediterranean carnivore " +
        "vegano vegana vegetariano vegetariana veganer veganerin vegetarier vegetarierin vegetarisch végétarien végétarienne végane végan celíaco celíaca");

    public static readonly FrozenSet<string> AccessNeeds = Words(
        "deaf blind colour-blind color-blind colourblind colorblind dyslexic dyscalculic hard-of-hearing partially-sighted visually-impaired hearing-impaired left-footed right-footed left-handed lefthanded right-handed ambidextrous lefty short-sighted");

    /// <summary>Words after "in" that name a trade and not a town.</summary>
    public static readonly FrozenSet<string> Fields = Words(
        "it hr pr finance sales marketing accounting insurance banking logistics construction education academia healthcare retail hospitality advertising publishing journalism tech software law medicine " +
        "procurement operations compliance cybersecurity security manufacturing engineering consulting biotech pharma aviation shipping devops qa r&d fintech gamedev ux ui real-estate recruitment recruiting customer-support support " +
        "tourism catering agriculture farming forestry mining telecoms telecommunications energy renewables media tv film television radio theatre architecture design nursing teaching product data analytics ai");

    public static readonly FrozenSet<string> NotNames = Words(
        "i im sorry ok okay yes no not new here back just good fine great so very really happy sad tired sure glad afraid curious curious trying looking working going getting having using building learning writing reading planning " +
        "thinking wondering interested confused stuck lost done ready busy bored hungry thirsty late early sick ill well bad better worse best only all both also always never now still currently a an the in on at from into " +
        "about with without it that this what which who when where why how my your our their his her based born married single divorced allergic vegan vegetarian obsessed terrified team pro anti self mobile home out off up down " +
        "over under between kind sort type one two three more less most least like likely able unable aware capable worried nervous excited scared hoping considering doing making coming leaving moving feeling seeing " +
        "pregnant retired unemployed freelance self-employed christian catholic muslim jewish hindu buddhist atheist gay lesbian bi trans queer straight bisexual asexual republican democrat " +
        "again though anyway properly missing wrong misspelled misspelt listed visible hidden shown taken common rare long short unusual hard difficult easy " +
        "winters summers springs autumns mornings evenings nights weekends everyone everybody last next today tomorrow yesterday spelled spelt pronounced written remember note keep everything nothing something google microsoft linux windows mac python java javascript rust monday tuesday thursday friday saturday sunday please thanks thank hi hello hey");

    public static readonly FrozenSet<string> Beverages = Words("coffee tea espresso latte cappuccino beer wine whisky whiskey gin water matcha chai steak eggs toast pizza burger burgers curry americano cocoa");

    public static readonly FrozenSet<string> Vehicles = Words("car van bike motorbike motorcycle scooter bicycle campervan truck ute pickup boat camper motorhome ebike e-bike moped tractor narrowboat caravan");

    public static readonly FrozenSet<string> Devices = Words(
        "phone smartphone microwave hob cooker laptop computer pc mac macbook tablet ipad printer camera watch keyboard monitor desktop machine server nas router console headphones kindle ereader e-reader smartwatch telescope synth synthesizer drone " +
        "mixer oven fridge dishwasher guitar piano violin bass ukulele banjo kit rig gpu graphics card turntable lens boiler stove loom kiln lathe easel amp amplifier microscope cello viola flute clarinet saxophone trumpet oboe bassoon harp accordion mandolin trombone fiddle drums " +
        "headset earbuds speaker webcam scanner projector thermostat vacuum hoover fryer mower chainsaw drill scooter treadmill");

    public static readonly FrozenSet<string> Homes = Words(
        "house flat apartment home garden balcony allotment greenhouse kitchen studio cabin cottage farm workshop garage loft attic yard backyard terrace patio basement bungalow living-room bathroom bedroom office shed roof place houseboat");

    /// <summary>The sort of thing a product is, so that "my motorbike" can mean a model named earlier.</summary>
    public static readonly FrozenDictionary<string, string> Brands = new Dictionary<string, string>
    {
        ["triumph"] = "motorbike", ["ducati"] = "motorbike", ["harley"] = "motorbike", ["kawasaki"] = "motorbike", ["vespa"] = "motorbike", ["enfield"] = "motorbike", ["ktm"] = "motorbike",
        ["pixel"] = "phone", ["iphone"] = "phone", ["galaxy"] = "phone", ["fairphone"] = "phone", ["oneplus"] = "phone", ["xiaomi"] = "phone", ["nokia"] = "phone", ["android"] = "phone",
        ["thinkpad"] = "laptop", ["macbook"] = "laptop", ["chromebook"] = "laptop", ["surface"] = "laptop", ["xps"] = "laptop", ["framework"] = "laptop", ["zenbook"] = "laptop",
        ["ipad"] = "tablet", ["kindle"] = "ereader", ["kobo"] = "ereader", ["garmin"] = "watch", ["fitbit"] = "watch",
        ["toyota"] = "car", ["rover"] = "car", ["defender"] = "car", ["honda"] = "car", ["ford"] = "car", ["volvo"] = "car", ["tesla"] = "car", ["bmw"] = "car", ["audi"] = "car", ["skoda"] = "car", ["škoda"] = "car", ["vw"] = "car", ["golf"] = "car",
        ["volkswagen"] = "car", ["fiat"] = "car", ["renault"] = "car", ["peugeot"] = "car", ["mazda"] = "car", ["kia"] = "car", ["hyundai"] = "car", ["nissan"] = "car", ["subaru"] = "car", ["mini"] = "car",
        ["corolla"] = "car", ["yaris"] = "car", ["polo"] = "car", ["fiesta"] = "car", ["dacia"] = "car", ["seat"] = "car", ["opel"] = "car", ["vauxhall"] = "car", ["citroën"] = "car", ["citroen"] = "car", ["clio"] = "car", ["leaf"] = "car",
        ["sprinter"] = "van", ["transit"] = "van", ["transporter"] = "van", ["brompton"] = "bike", ["canyon"] = "bike", ["trek"] = "bike", ["nikon"] = "camera", ["canon"] = "camera", ["fujifilm"] = "camera", ["leica"] = "camera",
        ["lexus"] = "car", ["saab"] = "car", ["jeep"] = "car", ["porsche"] = "car", ["mercedes"] = "car", ["suzuki"] = "car", ["mitsubishi"] = "car", ["cupra"] = "car", ["berlingo"] = "car", ["kangoo"] = "car", ["passat"] = "car", ["octavia"] = "car", ["prius"] = "car", ["micra"] = "car", ["civic"] = "car",
        ["huawei"] = "phone", ["motorola"] = "phone", ["redmi"] = "phone", ["yamaha"] = "motorbike", ["bonneville"] = "motorbike", ["lambretta"] = "motorbike", ["inspiron"] = "laptop", ["latitude"] = "laptop", ["ideapad"] = "laptop", ["elitebook"] = "laptop", ["pavilion"] = "laptop",
        ["dell"] = "laptop", ["lenovo"] = "laptop", ["epson"] = "printer", ["brother"] = "printer", ["laserjet"] = "printer", ["roomba"] = "vacuum", ["dyson"] = "vacuum", ["vitamix"] = "blender", ["delonghi"] = "espresso machine", ["gaggia"] = "espresso machine", ["thermomix"] = "mixer", ["kitchenaid"] = "mixer",
        ["sonos"] = "speaker", ["bose"] = "headphones", ["airpods"] = "headphones", ["lumix"] = "camera", ["olympus"] = "camera", ["pentax"] = "camera", ["gopro"] = "camera", ["steinway"] = "piano", ["roland"] = "keyboard", ["korg"] = "synth", ["moog"] = "synth", ["bernina"] = "sewing machine", ["singer"] = "sewing machine", ["hilux"] = "truck", ["ducato"] = "van", ["vivaro"] = "van", ["gazelle"] = "bike", ["cannondale"] = "bike", ["giant"] = "bike", ["bianchi"] = "bike",
        ["playstation"] = "console", ["xbox"] = "console", ["switch"] = "console", ["ps5"] = "console", ["fender"] = "guitar", ["gibson"] = "guitar", ["telecaster"] = "guitar", ["stratocaster"] = "guitar",
    }.ToFrozenDictionary();

    public static readonly FrozenSet<string> StandingMarkers = Words("stets sempre always never everytime grundsätzlich immer siempre nunca toujours jamais generally whenever throughout nie niemals");

    public static bool IsProfession(string head)
    {
        if (Professions.Contains(head))
        {
            return true;
        }

        if (Family.Contains(head) || Pets.Contains(head) || Diets.Contains(head))
        {
            return false;
        }

        if (head.Length < 6 || RoleSuffixExceptions.Contains(head))
        {
            return false;
        }

        return head.EndsWith("ist", StringComparison.Ordinal) || head.EndsWith("eer", StringComparison.Ordinal) || head.EndsWith("smith", StringComparison.Ordinal)
            || head.EndsWith("wright", StringComparison.Ordinal) || head.EndsWith("logist", StringComparison.Ordinal) || head.EndsWith("ographer", StringComparison.Ordinal)
            || head.EndsWith("ician", StringComparison.Ordinal) || head.EndsWith("monger", StringComparison.Ordinal) || head.EndsWith("keeper", StringComparison.Ordinal)
            || head.EndsWith("maker", StringComparison.Ordinal) || head.EndsWith("driver", StringComparison.Ordinal) || head.EndsWith("worker", StringComparison.Ordinal)
            || (head.Length > 6 && head.EndsWith("man", StringComparison.Ordinal)) || (head.Length > 7 && head.EndsWith("woman", StringComparison.Ordinal)) || (head.Length > 7 && head.EndsWith("hand", StringComparison.Ordinal)) || head.EndsWith("herd", StringComparison.Ordinal)
            || head.EndsWith("er", StringComparison.Ordinal) || head.EndsWith("or", StringComparison.Ordinal) || head.EndsWith("ian", StringComparison.Ordinal);
    }

    public static bool IsPlural(string word) => word.Length > 3 && word.EndsWith('s') && !word.EndsWith("ss", StringComparison.Ordinal);

    /// <summary>The singular of a relation or pet word; unknown words stay as they are.</summary>
    public static string Singular(string word) => word switch
    {
        "kids" => "kid",
        "children" => "child",
        "mice" => "mouse",
        "puppies" => "puppy",
        "ponies" => "pony",
        "bunnies" => "bunny",
        "huskies" => "husky",
        "wives" => "wife",
        _ => IsPlural(word) && (Family.Contains(word[..^1]) || Pets.Contains(word[..^1])) ? word[..^1] : word,
    };

    private static FrozenSet<string> Words(string words) => FrozenSet.ToFrozenSet(words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
