using System.Collections.Frozen;

namespace MemoryMesh.Memory.Extraction;

/// <summary>Words of health, faith, politics, orientation and the law, of which nothing is kept without consent.</summary>
internal static class SensitiveTopics
{
    public static readonly FrozenSet<string> Words = FrozenSet.ToFrozenSet((
        "diagnosed diagnosis bipolar depression depressed depressive anxiety schizophrenia ptsd ocd adhd add autism autistic asperger's epilepsy epileptic diabetes diabetic hiv aids cancer tumour tumor chemo chemotherapy lupus " +
        "crohn's crohn ibs fibromyalgia endometriosis pcos arthritis asthma asthmatic migraines migraine parkinson's alzheimer's dementia ms hepatitis herpes chlamydia std sti miscarriage abortion infertility ivf pregnant therapy " +
        "therapist psychiatrist antidepressant antidepressants ssri ssris sertraline prozac lithium insulin metformin medication meds rehab addiction alcoholic aa sobriety anorexia bulimia disorder disease syndrome suicidal self-harm " +
        "lisinopril atorvastatin amlodipine omeprazole levothyroxine citalopram escitalopram fluoxetine venlafaxine tramadol oxycodone statin statins prescription methadone hrt testosterone estrogen prednisone methotrexate warfarin colitis palsy sclerosis neuropathy pacemaker stent antipsychotic antipsychotics mirtazapine gabapentin pregabalin clonazepam xanax valium diazepam beta-blockers chemotherapy remission tumour-free sober-living relapse miscarried stillbirth uti infertile transplant dialysis stroke seizure seizures surgery overdose prescribed prozac lexapro zoloft adderall ritalin hysterectomy vasectomy erectile menopause hypertension thyroid hypothyroidism anaemia anemia psoriasis eczema " +
        "catholic protestant christian muslim islam islamic jewish judaism hindu buddhist sikh atheist agnostic mormon evangelical methodist baptist quaker pagan wiccan church mosque synagogue temple religion religious faith pray prayer god jesus allah christ baptised converted lutheran anglican presbyterian orthodox ramadan bible quran koran torah " +
        "steward-unite unite unison fianna fáil féin snp cdu csu spd fdp afd psoe podemos bjp gop vvd campaigned canvassed activist republican republicans democrat democrats voter vote voted votes voting labour tory tories conservative liberal socialist communist marxist anarchist libertarian trump biden brexit leftist right-wing left-wing greens snp afd cdu spd party's ukip maga politics political partisan union feminist " +
        "gay lesbian bisexual bi homosexual heterosexual queer trans transgender nonbinary non-binary asexual pansexual straight closeted lgbt lgbtq lgbtq+ transitioning coming-out hormones " +
        "arrested convicted felony felon prison jail probation undocumented criminal " +
        "schwul lesbisch katholisch muslimisch jüdisch evangelisch depressionen krebs schwanger lesbiana católico católica musulmán judío diabético depresión ansiedad cáncer embarazada lesbienne catholique musulman musulmane juif juive diabétique dépression enceinte homosexuelle diagnosticaron " +
        "psychosis psychotic manic mania narcolepsy tourette's tourettes bulimic anorexic cirrhosis hernia ulcer ulcers gout angina arrhythmia biopsy colonoscopy mammogram tumours metastatic leukaemia leukemia lymphoma melanoma benzos radiotherapy immunocompromised haemophilia hemophilia prostate stoma incontinence gonorrhea syphilis impotence " +
        "viagra contraceptive contraception hiv-positive insomnia crohns gender-fluid genderfluid demisexual polyamorous enby agender intersex catholicism christianity hinduism buddhism sikhism jehovah's hajj eid ex-muslim ex-mormon ex-catholic pentecostal calvinist shia sunni zoroastrian baha'i rastafarian scientologist centrist monarchist " +
        "covid burnout burn-out counselling acne rosacea glaucoma cataract cataracts sciatica tendonitis vertigo concussion gallstones ibd gerd reflux cholesterol prediabetic pre-diabetic fertility infertility bulimia hypochondriac hijab shabbat sabbath communion baptism deacon ordained canvassing canvass leafleting remainer brexiteer corbyn sanders macron mélenchon " +
        "depressiv angststörung bluthochdruck diabetikerin diabetiker homosexuell bisexuell transsexuell evangelikal moslem hipertensa hipertenso depresivo depresiva creyente votante voto croyant croyante pratiquant pratiquante dépressif dépressive protestante " +
        "parole dui dwi misdemeanor misdemeanour acquitted sentenced shoplifting embezzlement deportation deported asylum expunged " +
        "epilepsie migräne brustkrebs diagnostiziert psychotherapie therapeutin muslimin muslim christin jüdin atheistin katholikin katholik vorbestraft vih sida bisexuel ateo atea judía musulmana asma epilepsia trastorno séropositif séropositive athée bipolaire asthme épilepsie diabète cancéreux hypertendu").Split(' '));

    /// <summary>The same, where one of the words alone says nothing of the kind.</summary>
    public static readonly string[][] Phrases =
    [
        ["at", "mass"], ["to", "mass"], ["card-carrying"], ["party", "member"], ["paid-up"], ["months", "sober"], ["years", "sober"], ["weeks", "sober"], ["days", "sober"], ["year", "sober"], ["sober", "for"], ["sober", "since"], ["in", "confession"], ["to", "confession"], ["panic", "attack"], ["panic", "attacks"], ["heart", "attack"], ["heart", "condition"], ["heart", "failure"], ["heart", "disease"], ["blood", "pressure"], ["knee", "replacement"], ["hip", "replacement"], ["mental", "health"], ["self", "harm"], ["eating", "disorder"], ["sleep", "apnoea"], ["sleep", "apnea"],
        ["drunk", "driving"], ["drink", "driving"], ["court", "date"], ["court", "case"], ["court", "hearing"], ["criminal", "record"], ["restraining", "order"], ["suspended", "sentence"], ["green", "party"], ["lib", "dem"], ["came", "out", "as"], ["same-sex"], ["jehovah", "'s", "witness"], ["born", "again"], ["lost", "a", "pregnancy"], ["lost", "the", "baby"], ["came", "out", "to"], ["coming", "out", "to"], ["kidney", "stones"], ["slipped", "disc"], ["long", "covid"], ["chronic", "pain"], ["chronic", "fatigue"], ["blood", "sugar"], ["go", "to", "mass"], ["reform", "uk"], ["plaid", "cymru"],
    ];

    /// <summary>The same in Chinese, where they stand in running text.</summary>
    public static readonly string[] ChineseWords = ["抑郁", "糖尿病", "同性恋", "双性恋", "基督", "穆斯林", "佛教徒", "教徒", "信佛", "党员", "癌", "艾滋", "癫痫", "哮喘", "焦虑症", "怀孕", "高血压", "心脏病", "精神分裂", "确诊", "天主教", "伊斯兰", "双相", "化疗", "乙肝", "肿瘤", "白血病", "流产", "うつ病", "がん", "てんかん", "糖尿病", "妊娠", "宗教", "キリスト", "イスラム", "仏教徒", "ゲイ", "レズビアン", "自民党", "共産党", "パスワード", "暗証番号", "管理者", "指示"];
}
