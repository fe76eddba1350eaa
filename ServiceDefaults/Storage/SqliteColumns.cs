using System.Runtime.InteropServices;

namespace MemoryMesh.ServiceDefaults.Storage;

/// <summary>Reads numbers of the current row straight from SQLite.</summary>
/// <remarks>
/// SQLitePCLRaw counts a reference to the statement for each call and leaves the runtime's cooperative mode, which takes ten times as long as reading a number does: a query over
/// counters reads some hundred thousand of them. The statement is in use while its row is read, and these functions neither block nor call back.
/// </remarks>
internal static class SqliteColumns
{
    /// <summary>The library that SQLitePCLRaw.bundle_e_sqlite3 loads.</summary>
    private const string Library = "e_sqlite3";

    /// <summary>The type of a column, as <c>SQLITE_INTEGER</c> to <c>SQLITE_NULL</c>.</summary>
    [SuppressGCTransition]
    [DllImport(Library, EntryPoint = "sqlite3_column_type")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static extern int Type(nint statement, int column);

    /// <summary>A whole number; 0 for null.</summary>
    [SuppressGCTransition]
    [DllImport(Library, EntryPoint = "sqlite3_column_int64")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    public static extern long Int64(nint statement, int column);
}
