import Diagrams
import Testing

/// The whole DOT text of a small graph; ids and order are part of what users may rely on.
@Test func smallGraphAsDot() {
  let diagram = GraphDiagram(SampleGraphs.small(), kind: SampleBuilder.kind)
  #expect(
    diagram.dot == #"""
      digraph "small" {
        graph [rankdir=TB, fontname="Helvetica,Arial,sans-serif", fontcolor="#1f2937", fontsize=11, \#
      bgcolor=white, pad=0.25, nodesep=0.22, ranksep=0.34, nslimit=4, nslimit1=4, mclimit=2, \#
      outputorder=edgesfirst, labelloc=t, labeljust=l,
          label=<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="3" CELLPADDING="1">
            <TR><TD COLSPAN="12" ALIGN="LEFT"><FONT POINT-SIZE="16"><B>small</B></FONT></TD></TR>
            <TR><TD FIXEDSIZE="TRUE" WIDTH="14" HEIGHT="11" BORDER="1" COLOR="#c3ccd8" \#
      BGCOLOR="#ffd9c4"></TD><TD ALIGN="LEFT"><FONT POINT-SIZE="9" \#
      COLOR="#556174">contraction&#160;</FONT></TD><TD FIXEDSIZE="TRUE" WIDTH="14" HEIGHT="11" \#
      BORDER="1" COLOR="#c3ccd8" BGCOLOR="#d8f0df"></TD><TD ALIGN="LEFT"><FONT POINT-SIZE="9" \#
      COLOR="#556174">element-wise&#160;</FONT></TD><TD FIXEDSIZE="TRUE" WIDTH="14" HEIGHT="11" \#
      BORDER="1" COLOR="#c3ccd8" BGCOLOR="#fbf8ee"></TD><TD ALIGN="LEFT"><FONT POINT-SIZE="9" \#
      COLOR="#556174">weight&#160;</FONT></TD><TD FIXEDSIZE="TRUE" WIDTH="14" HEIGHT="11" BORDER="1" \#
      COLOR="#c3ccd8" BGCOLOR="#e9f5ee"></TD><TD ALIGN="LEFT"><FONT POINT-SIZE="9" \#
      COLOR="#556174">input&#160;</FONT></TD></TR>
          </TABLE>>];
        node [shape=box, style="filled,rounded", fontname="Helvetica,Arial,sans-serif", fontsize=11, \#
      fontcolor="#1f2937", color="#5b7bb0", penwidth=1, height=0.3, margin="0.12,0.06"];
        edge [fontname="Helvetica,Arial,sans-serif", fontsize=8, fontcolor="#556174", \#
      color="#7c8a9e", penwidth=1, arrowsize=0.6];
        "result0" [id="result0", label=<h>, fillcolor="#1f2937", tooltip="h\nf32[B=4, D=16], 256 B", \#
      fontcolor=white, fontsize=9.5, height=0.22, color="#1f2937"];
        subgraph "cluster_2" {
          id="cluster_2"; label=<<B>repeat × 3</B>>; tooltip="repeat × 3"; style="rounded,filled"; \#
      color="#5b7bb0"; fillcolor="#5b7bb014"; fontcolor="#556174"; margin=10;
          "carry4_0" [id="carry4_0", label=<<B>h</B><BR/><FONT POINT-SIZE="8.5" COLOR="#556174">B=4 \#
      D=16 · 256 B</FONT>>, fillcolor="#ffffff", tooltip="h\nh: f32[B=4, D=16], 256 B\ncarried from \#
      iteration to iteration", shape=box, style="filled,rounded,dashed"];
          "node1" [id="node1", label=<<B>dot</B><BR/><FONT POINT-SIZE="8.5" COLOR="#556174">B=4 D=16 \#
      · 256 B</FONT>>, fillcolor="#ffd9c4", tooltip="dot\nf32[B=4, D=16], 256 B"];
          "node2" [id="node2", label=<<B>add</B><BR/><FONT POINT-SIZE="8.5" COLOR="#556174">B=4 D=16 \#
      · 256 B</FONT>>, fillcolor="#d8f0df", tooltip="add\nf32[B=4, D=16], 256 B"];
          "node3" [id="node3", label=<<B>tanh</B><BR/><FONT POINT-SIZE="8.5" COLOR="#556174">B=4 D=16 \#
      · 256 B</FONT>>, fillcolor="#d8f0df", tooltip="tanh\nf32[B=4, D=16], 256 B"];
          "node1_weight" [id="node1_weight", label=<cell.weight<BR/><FONT POINT-SIZE="7.5" \#
      COLOR="#556174">D=16 E=16 · 1.02 kB</FONT>>, fillcolor="#fbf8ee", \#
      tooltip="cell.weight\ncell.weight: f32[D=16, E=16]", color="#c3ccd8", fontsize=8.5, height=0.2, \#
      margin="0.07,0.03", penwidth=0.8];
          "node2_input" [id="node2_input", label=<x<BR/><FONT POINT-SIZE="7.5" COLOR="#556174">B=4 \#
      D=16 · 256 B</FONT>>, fillcolor="#e9f5ee", tooltip="x\nx: f32[B=4, D=16]", color="#c3ccd8", \#
      fontsize=8.5, height=0.2, margin="0.07,0.03", penwidth=0.8];
        }
        "carry4_0" -> "node1" [tooltip="h: f32[B=4, D=16], 256 B"];
        "node1" -> "node2" [tooltip="f32[B=4, D=16], 256 B"];
        "node2" -> "node3" [tooltip="f32[B=4, D=16], 256 B"];
        "node3" -> "carry4_0" [tooltip="f32[B=4, D=16], 256 B", style=dashed, constraint=false, \#
      color="#5b7bb0", penwidth=1.3];
        "node3" -> "result0" [tooltip="f32[B=4, D=16], 256 B"];
        "node1_weight" -> "node1" [tooltip="cell.weight: f32[D=16, E=16], 1.02 kB", color="#c3ccd8", \#
      arrowsize=0.4];
        "node2_input" -> "node2" [tooltip="x: f32[B=4, D=16], 256 B", color="#c3ccd8", arrowsize=0.4];
      }

      """#)
}
