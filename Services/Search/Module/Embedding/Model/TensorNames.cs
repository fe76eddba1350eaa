namespace MemoryMesh.Search.Embedding.Model;

/// <summary>Names of the tensors of a BERT encoder.</summary>
internal static class TensorNames
{
    public const string Words = "embeddings.word_embeddings.weight";
    public const string Positions = "embeddings.position_embeddings.weight";
    public const string Types = "embeddings.token_type_embeddings.weight";
    public const string EmbeddingNorm = "embeddings.LayerNorm";
    public const string Query = "attention.self.query";
    public const string Key = "attention.self.key";
    public const string Value = "attention.self.value";
    public const string AttentionOutput = "attention.output.dense";
    public const string AttentionNorm = "attention.output.LayerNorm";
    public const string Inner = "intermediate.dense";
    public const string Output = "output.dense";
    public const string OutputNorm = "output.LayerNorm";

    public static string Weight(string part) => $"{part}.weight";

    public static string Bias(string part) => $"{part}.bias";

    public static string OfLayer(int layer, string part) => $"encoder.layer.{layer}.{part}";
}
