using MemoryMesh.ModelConverter;
using MemoryMesh.Search.Embedding.Model;
using MemoryMesh.Search.Embedding.Tokenization;

try
{
    switch (args)
    {
        case [var source, var target]:
            using (var model = new SafetensorsFile(source))
            using (var stream = File.Create(target))
            {
                Int8ModelFile.Write(stream, model);
            }

            using (var written = new Int8ModelFile(target))
            {
                Console.WriteLine($"{target}: {new FileInfo(target).Length:N0} bytes, {written.Shape}");
            }

            return 0;
        case ["token-mean", var source, var vocabulary, var target]:
            Console.WriteLine($"{target}: the mean of {TokenMeanFile.Write(target, new Int8ModelFile(source), Vocabulary.Read(vocabulary)):N0} words");
            return 0;
        default:
            Console.Error.WriteLine(
                """
                Usage: dotnet run -c Release --project tools/ModelConverter -- model.safetensors model.int8
                       dotnet run -c Release --project tools/ModelConverter -- token-mean model.int8 vocab.txt token-mean.f32

                Rounds the matrices of a BERT encoder to int8 and writes the file that the Search service loads. With token-mean: computes what the
                token vectors of the model have in common.
                """);
            return 2;
    }
}
catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
