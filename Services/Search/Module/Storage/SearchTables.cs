using MemoryMesh.ServiceDefaults.Storage;

namespace MemoryMesh.Search.Storage;

/// <summary>Tables of the Search service and what becomes of their rows when a person asks for a copy or for erasure.</summary>
internal static class SearchTables
{
    private const string Erase =
        "Leaves with the message or memory; the full-text table is rewritten without it within a minute, and before the erasure of a subject is confirmed.";

    /// <summary>All tables.</summary>
    public static readonly IReadOnlyList<TableRule> All =
    [
        new(SearchModule.Name, "indexed_items", true, null, Erase) { Subject = "owner_key" },
        new(SearchModule.Name, "terms", true, null, Erase),
        new(SearchModule.Name, "vectors", true, null, "Keyed hash of the text; leaves with the message or memory, and when another model has taken the place of its own."),
        new(SearchModule.Name, "vector_blocks", true, null, "Row numbers only; leaves with the last of its vectors.") { Subject = "owner_key" },
        new(SearchModule.Name, "vector_contents", true, null, "Sealed with the owner's key; rewritten within a minute without a vector that leaves, and before the erasure of a subject is confirmed."),
        new(SearchModule.Name, "vector_files", true, null, "Numbers of files with copies of sealed blocks; leaves with the subject or the last block, and its file is overwritten and deleted before the erasure of a subject is confirmed.") { Subject = "owner_key" },
        new(SearchModule.Name, "vector_file_removals", true, null, "Places in files only; leaves when they have been overwritten, before the erasure of a subject is confirmed."),
        new(SearchModule.Name, "owner_totals", true, null, "How many items the subject has; leaves with the last.") { Subject = "owner_key" },
        new(SearchModule.Name, "point_removals", true, null, "Ids and keyed hashes of vectors that are to leave Qdrant; leaves when they have, before the erasure of a subject is confirmed."),
        new(SearchModule.Name, "embedding_jobs", true, null, "Row numbers only, no text; leaves with the message or memory."),
        new(SearchModule.Name, "saved_searches", true, "Names and searches of the account.", "Rows of the subject; sealed with its key.") { Subject = "owner_key" },
        new(SearchModule.Name, "bookmarks", true, "Bookmarks of the account, with their notes.", "Rows of the subject; sealed with its key.") { Subject = "owner_key" },
        new(SearchModule.Name, "vector_models", false, null, null),
        new(SearchModule.Name, "index_cleaning", false, null, null),
        new(SearchModule.Name, "search_usage", false, null, null),
        new(SearchModule.Name, "counted_batches", false, null, null),
        new(SearchModule.Name, "index_totals", false, null, null),
    ];
}
