using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace MemoryMesh.Search.Storage.Sqlite;

/// <summary>BM25 of one tenant: a function of FTS5, as its own <c>bm25</c> counts the rows and words of all tenants, so that a score would change as others grow.</summary>
/// <remarks>
/// <para><c>tenant_bm25(terms, items, average)</c>: how many items the tenant has, and how many terms each has in the mean. In how many items a term stands
/// needs no tenant: it is the hash of one. Phrases of the match that are conditions have no part in the score. As with <c>bm25</c>, a smaller value is
/// better.</para>
/// <para>score = - sum over terms of idf x f x (k1 + 1) / (f + k1 x (1 - b + b x length / average)), idf = ln(1 + (items - n + .5) / (n + .5)).
/// Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009; the 1 in the logarithm keeps terms of more than half of the items above 0.</para>
/// <para>The layouts are those of fts5.h, which SQLite keeps.</para>
/// </remarks>
internal static unsafe partial class TenantBm25
{
    private const double K1 = 1.2;
    private const double B = 0.75;

    /// <summary>Column of the terms.</summary>
    private const int Body = 1;

    private const int Ok = 0;
    private const int OutOfMemory = 7;
    private const string Library = "e_sqlite3";

    /// <summary>Makes the function known to a connection.</summary>
    public static readonly Action<sqlite3> Register = RegisterOn;

    private static void RegisterOn(sqlite3 connection)
    {
        Fts5Api* api = null;
        if (raw.sqlite3_prepare_v2(connection, "SELECT fts5(?1)", out var statement) == raw.SQLITE_OK)
        {
            using (statement)
            {
                // Literals lie in the program's own memory, as SQLite wants the name to.
                fixed (byte* type = "fts5_api_ptr\0"u8)
                {
                    _ = BindPointer(statement.DangerousGetHandle(), 1, &api, type, 0);
                }

                raw.sqlite3_step(statement);
            }
        }

        fixed (byte* name = "tenant_bm25\0"u8)
        {
            if (api is null || api->CreateFunction(api, name, 0, &Score, 0) != Ok)
            {
                throw new InvalidOperationException("SQLite has no full-text search that functions can be added to.");
            }
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Score(Extension* api, nint row, nint context, int count, nint* values)
    {
        var query = (Query*)api->GetAuxdata(row, 0);
        if (query is null)
        {
            query = Read(api, row, values);
            if (api->SetAuxdata(row, query, &Free) != Ok)
            {
                ResultErrorCode(context, OutOfMemory);
                return;
            }
        }

        var frequencies = query->Frequencies;
        new Span<double>(frequencies, query->Phrases).Clear();
        int instances, length, phrase, column, offset;
        var code = api->InstCount(row, &instances);
        for (var at = 0; code == Ok && at < instances; at++)
        {
            code = api->Inst(row, at, &phrase, &column, &offset);
            if (code == Ok && column == Body && frequencies[phrase]++ == 0 && double.IsNaN(query->Rarities[phrase]))
            {
                code = ReadRarity(api, row, query, phrase);
            }
        }

        if (code != Ok || (code = api->ColumnSize(row, Body, &length)) != Ok)
        {
            ResultErrorCode(context, code);
            return;
        }

        var norm = K1 * (1 - B + (B * length / query->Average));
        var score = 0.0;
        for (var at = 0; at < query->Phrases; at++)
        {
            if (frequencies[at] > 0)
            {
                score += query->Rarities[at] * frequencies[at] * (K1 + 1) / (frequencies[at] + norm);
            }
        }

        ResultDouble(context, -score);
    }

    /// <summary>What is the same for all rows of a query.</summary>
    private static Query* Read(Extension* api, nint row, nint* values)
    {
        var phrases = api->PhraseCount(row);
        var query = (Query*)NativeMemory.Alloc((nuint)(sizeof(Query) + (2 * phrases * sizeof(double))));
        query->Phrases = phrases;
        query->Rarities = (double*)(query + 1);
        query->Frequencies = query->Rarities + phrases;
        query->Items = ValueDouble(values[0]);
        query->Average = Math.Max(1, ValueDouble(values[1]));
        new Span<double>(query->Rarities, phrases).Fill(double.NaN);
        return query;
    }

    /// <summary>Looks up how rare a term is, when a row holds it: conditions stand in thousands of rows, and nobody asks how rare they are.</summary>
    private static int ReadRarity(Extension* api, nint row, Query* query, int phrase)
    {
        var found = 0L;
        var code = api->QueryPhrase(row, phrase, &found, &Count);

        // An item that is being indexed may be counted in one place and not yet in the other.
        query->Rarities[phrase] = Math.Log(1 + ((Math.Max(query->Items, found) - found + 0.5) / (found + 0.5)));
        return code;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Count(Extension* api, nint row, long* found)
    {
        ++*found;
        return Ok;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(void* query) => NativeMemory.Free(query);

    [LibraryImport(Library, EntryPoint = "sqlite3_bind_pointer")]
    private static partial int BindPointer(nint statement, int position, void* pointer, byte* type, nint destroy);

    [LibraryImport(Library, EntryPoint = "sqlite3_value_double")]
    private static partial double ValueDouble(nint value);

    [LibraryImport(Library, EntryPoint = "sqlite3_result_double")]
    [SuppressGCTransition]
    private static partial void ResultDouble(nint context, double value);

    [LibraryImport(Library, EntryPoint = "sqlite3_result_error_code")]
    private static partial void ResultErrorCode(nint context, int code);

    private struct Query
    {
        public int Phrases;
        public double Items;
        public double Average;
        public double* Rarities;
        public double* Frequencies;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Fts5Api
    {
        public int Version;
        public nint CreateTokenizer;
        public nint FindTokenizer;
        public delegate* unmanaged[Cdecl]<Fts5Api*, byte*, nint, delegate* unmanaged[Cdecl]<Extension*, nint, nint, int, nint*, void>, nint, int> CreateFunction;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Extension
    {
        public int Version;
        public nint UserData;
        public nint ColumnCount;
        public nint RowCount;
        public nint ColumnTotalSize;
        public nint Tokenize;
        public delegate* unmanaged[Cdecl]<nint, int> PhraseCount;
        public nint PhraseSize;
        public delegate* unmanaged[Cdecl]<nint, int*, int> InstCount;
        public delegate* unmanaged[Cdecl]<nint, int, int*, int*, int*, int> Inst;
        public nint RowId;
        public nint ColumnText;
        public delegate* unmanaged[Cdecl]<nint, int, int*, int> ColumnSize;
        public delegate* unmanaged[Cdecl]<nint, int, void*, delegate* unmanaged[Cdecl]<Extension*, nint, long*, int>, int> QueryPhrase;
        public delegate* unmanaged[Cdecl]<nint, void*, delegate* unmanaged[Cdecl]<void*, void>, int> SetAuxdata;
        public delegate* unmanaged[Cdecl]<nint, int, void*> GetAuxdata;
    }
}
