namespace MemoryMesh.Search.Analysis.Languages;

/// <summary>Languages that words written in Latin letters may be of. Other scripts tell the language word by word.</summary>
[Flags]
internal enum TextLanguages
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>English.</summary>
    English = 1,

    /// <summary>German.</summary>
    German = 2,

    /// <summary>Spanish.</summary>
    Spanish = 4,

    /// <summary>French.</summary>
    French = 8,

    /// <summary>All but English: nothing tells which.</summary>
    AnyForeign = German | Spanish | French,
}
